"""The provider among the hosts of a recording, and the paths of its calls in a cassette."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from flagbench.cassette.address import shown
from flagbench.cassette.importing.endpoints import base_of
from flagbench.cassette.importing.exchange import Exchange
from flagbench.errors import InputError, Problem

_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Provider:
    """The host, and the path of the base URL; both "" where no URL has a host."""

    host: str
    base: str

    def path_of(self, url: str) -> str | None:
        """The path in a cassette, as a recording has it; None for a call to another host."""
        parts = urlsplit(url)
        path = parts.path
        if parts.netloc:
            if _host(parts) != self.host or not f"{path}/".startswith(f"{self.base}/"):
                return None
            path = path.removeprefix(self.base)
        else:
            path = path.removeprefix("/v1")
        return f"/v1{path}"


def host_of(url: str) -> str:
    """The host of a URL, for a report."""
    return _host(urlsplit(url)) or "no host"


def choose(exchanges: Iterable[Exchange], base_url: str | None) -> Provider:
    """The provider at the base URL, or the only one that was asked for a model's answer.

    Raises `InputError` where there are several.
    """
    if base_url is not None:
        parts = urlsplit(base_url)
        if not parts.netloc:
            raise InputError(Problem(f"--base-url {shown(base_url)}", expected="https://HOST/v1"))
        return Provider(_host(parts), parts.path.rstrip("/"))
    found: dict[Provider, int] = {}
    for exchange in exchanges:
        parts = urlsplit(exchange.url)
        base = base_of(parts.path)
        if parts.netloc and base is not None and exchange.method == "POST":
            provider = Provider(_host(parts), base)
            found[provider] = found.get(provider, 0) + 1
    if len(found) > 1:
        told = ", ".join(
            f"{provider.host}{provider.base} ({count})" for provider, count in found.items()
        )
        what = f"these files have the calls of several providers: {told}"
        raise InputError(Problem(what, expected="--base-url URL of the one to import"))
    return next(iter(found), Provider("", ""))


def _host(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2].lower()
    return host.removesuffix(_PORTS.get(parts.scheme, "\n"))
