"""Addresses of a cell, of its provider and of declared services, as paths of a cassette."""

from collections.abc import Mapping
from urllib.parse import SplitResult, unquote_plus, urljoin, urlsplit

from flagbench.cassette import address
from flagbench.cassette.scrub import SCRUBBED
from flagbench.scenario.services import ServicePart

_PORTS = {"http": 80, "https": 443}


def service_of(path: str) -> str:
    """The name of the service in a cassette path such as `//search/find?q=a`; "" for a provider."""
    return path[2:].partition("?")[0].partition("/")[0] if path.startswith("//") else ""


class Addresses:
    """Conversion of URLs to the paths of a cassette."""

    def __init__(self, base_url: str, services: Mapping[str, ServicePart]) -> None:
        self._base_url = base_url
        self._base = urlsplit(base_url)
        self._services = services
        self._bases = {name: urlsplit(part.base_url) for name, part in services.items()}

    def path_of(self, url: str) -> str | None:
        """The path of a request: `/v1/…` to the provider, `//NAME/…` to a service, else None.

        The longest base URL wins. The query is part of a service's path, without its secrets.
        """
        parts = urlsplit(url)
        providers = address.path_of(url, self._base_url)
        found = max(
            (name for name, base in self._bases.items() if _is_in(parts, base)),
            key=lambda name: len(self._bases[name].path),
            default=None,
        )
        if found is None:
            return providers
        is_below = len(self._base.path.rstrip("/")) > len(self._bases[found].path)
        if providers is not None and is_below:
            return providers
        path = f"//{found}{parts.path[len(self._bases[found].path) :]}"
        return f"{path}?{self._query_of(found, parts.query)}" if parts.query else path

    def service(self, path: str) -> ServicePart | None:
        """The declaration of the service of a path, None for the provider's."""
        return self._services.get(service_of(path))

    def _query_of(self, name: str, query: str) -> str:
        """The query of a request to a service, without the values that are secret."""
        secret = self._services[name].secret_query
        pairs = (pair.partition("=") for pair in query.split("&"))
        return "&".join(
            f"{key}={SCRUBBED}" if unquote_plus(key) in secret else f"{key}{sign}{value}"
            for key, sign, value in pairs
        )

    def stored_location(self, path: str, location: str) -> str:
        """A redirect of a service as it is stored: as a path of the cassette, if it has one."""
        target = self.path_of(urljoin(self._url_of(path), location))
        return target if target is not None and service_of(target) else location

    def played_location(self, location: str) -> str:
        """A stored redirect as it is played, to where its service is now."""
        return self._url_of(location) if service_of(location) in self._services else location

    def _url_of(self, path: str) -> str:
        """The URL of a service's path."""
        name = service_of(path)
        return self._services[name].base_url + path[len(name) + 2 :]


def _server(parts: SplitResult) -> tuple[str | None, int | None]:
    return parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _is_in(parts: SplitResult, base: SplitResult) -> bool:
    """True for a URL at or beneath a base URL; `/apis` is not beneath `/api`."""
    if _server(parts) != _server(base):
        return False
    rest = parts.path.removeprefix(base.path)
    return rest[:1] in ("", "/") and parts.path.startswith(base.path)
