"""Errors of requests that are not sent because of their address."""

from urllib.parse import urlsplit

from flagbench.cassette.address import EXPECTED, remedy, without_query
from flagbench.cassette.addresses import service_of
from flagbench.errors import CouldNotRun, Problem


def undeclared(method: str, url: str) -> CouldNotRun:
    """The error of a request to neither the provider nor a service; it shows no query."""
    parts = urlsplit(url)
    host = f"{parts.scheme}://{parts.netloc}"
    return CouldNotRun(
        Problem(
            f"the subject sent {method} {without_query(url)}, which is not its provider "
            "nor a service that the scenario declares; it was not sent",
            expected=EXPECTED,
            fix=remedy(url)
            or "declare it, if it is a service that the subject needs, and record it:\n"
            f"      services:\n        NAME: {{base_url: '{host}'}}",
        )
    )


def secret_in_query(method: str, path: str) -> CouldNotRun:
    """The error of a request to a service with a secret in its URL, which it does not show."""
    name = service_of(path)
    return CouldNotRun(
        Problem(
            f"the URL of a call of the service {name} contains a secret; it was not sent",
            where=f"{method} //{name}",
            expected=f"secrets in headers, or services.{name}.secret_query: [NAME]",
        )
    )
