"""Routes of the proxy of a command: to its provider, and to the services of the scenario."""

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from flagbench.scenario.services import ServicePart

# The API version that every address has; a base URL of a provider ends in it, or in its like.
VERSION = "/v1"
_SERVICES = "/flagbench-service/"


class Routes:
    """Targets of requests to the proxy, as URLs at the provider or at a service."""

    def __init__(self, base_url: str, services: Mapping[str, ServicePart]) -> None:
        self._base_url = base_url.rstrip("/")
        self._services = {_SERVICES + name: part.base_url for name, part in services.items()}

    def url_of(self, target: str) -> str:
        """The URL for the target of a request."""
        if not target.startswith("/"):
            return target  # of a client that takes this for a forward proxy
        for place, url in self._services.items():
            if _is_at(target, place):
                return url + target[len(place) :]
        if target.startswith(VERSION):
            return self._base_url + target.removeprefix(VERSION)
        parts = urlsplit(self._base_url)
        return f"{parts.scheme}://{parts.netloc}{target}"

    def redirect(self, target: str, location: str) -> str:
        """The location of a redirect, as a client of the proxy reaches it."""
        url = urljoin(self.url_of(target), location)
        for place, base in self._services.items():
            if _is_at(url, base):
                return place + url[len(base) :]
        return location

    @staticmethod
    def of_service(name: str) -> str:
        """The path at the proxy in place of the base URL of a service."""
        return _SERVICES + name


def _is_at(url: str, base: str) -> bool:
    return url.startswith(base) and url[len(base) : len(base) + 1] in ("", "/", "?")
