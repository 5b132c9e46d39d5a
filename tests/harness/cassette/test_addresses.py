"""URLs of a subject as paths of a cassette."""

import pytest

from flagbench.cassette.addresses import Addresses, service_of
from flagbench.scenario.services import ServicePart

SERVICES = {
    "search": ServicePart(base_url="https://a.test/api", secret_query=["key", "a b"]),
    "deep": ServicePart(base_url="https://a.test/api/v2/"),
    "root": ServicePart(base_url="http://provider"),
}
PATHS = {
    "http://provider/v1/chat/completions?a=1": "/v1/chat/completions",
    "http://provider/other": "//root/other",
    "https://a.test/api/find?q=1&key=x&a+b=y&b": "//search/find?q=1&key=scrubbed&a+b=scrubbed&b",
    "https://A.test:443/api": "//search",
    "https://a.test/api/": "//search/",
    "https://a.test/api?q=1": "//search?q=1",
    "https://a.test/api/v2/x": "//deep/x",
    "https://a.test/api/v22": "//search/v22",
    "https://a.test/apis": None,
    "https://a.test:444/api": None,
    "http://a.test/api": None,
    "https://b.test/api": None,
}


@pytest.mark.parametrize(("url", "path"), PATHS.items())
def test_the_path_of_a_url(url: str, path: str | None) -> None:
    """The longest base URL wins; a base ends where a part of the path ends."""
    assert Addresses("http://provider/v1", SERVICES).path_of(url) == path


@pytest.mark.parametrize(
    ("path", "name"),
    [("//search/find", "search"), ("//search?q=1", "search"), ("//s", "s"), ("/v1/x//y", "")],
)
def test_the_service_of_a_path(path: str, name: str) -> None:
    """A provider's path has none."""
    assert service_of(path) == name
