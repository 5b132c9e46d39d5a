"""Answers of services as they are stored: without secrets, and otherwise as they came."""

from collections.abc import Mapping

from flagbench.cassette import scrub
from flagbench.cassette.addresses import Addresses
from flagbench.cassette.secret_kinds import without_secrets

_LOCATION = "location"


def scrub_body(body: bytes, secrets: tuple[str, ...]) -> bytes:
    """A body without secrets. What it says of a user or a project is data, and stays."""
    text, encoding = scrub.text_of(body)
    scrubbed = without_secrets(text, secrets, scrub.SCRUBBED)
    return body if scrubbed == text else scrubbed.encode(encoding)


def kept_headers(
    headers: Mapping[str, tuple[str, ...]],
    addresses: Addresses,
    path: str,
    secrets: tuple[str, ...],
) -> dict[str, tuple[str, ...]]:
    """The headers of an answer to store: those of any answer, a redirect's, and declared ones."""
    service = addresses.service(path)
    declared = service.headers if service is not None else ()
    kept = {
        name: tuple(without_secrets(value, secrets, scrub.SCRUBBED) for value in headers[name])
        for name in dict.fromkeys((*scrub.KEPT_SERVICE_HEADERS, *declared))
        if name in headers
    }
    if _LOCATION in kept:
        kept[_LOCATION] = tuple(addresses.stored_location(path, to) for to in kept[_LOCATION])
    return kept


def played_headers(
    headers: Mapping[str, tuple[str, ...]], addresses: Addresses
) -> dict[str, list[str]]:
    """The stored headers of an answer as they are played."""
    return {
        name: [addresses.played_location(to) for to in values]
        if name == _LOCATION
        else list(values)
        for name, values in headers.items()
    }
