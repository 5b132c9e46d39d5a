"""Errors of requests that are not sent, because of their address or of what they contain."""

from urllib.parse import urlsplit

from flagbench.cassette.address import EXPECTED, remedy, shown
from flagbench.cassette.addresses import service_of
from flagbench.errors import CouldNotRun, Problem


def undeclared(method: str, url: str) -> CouldNotRun:
    """The error of a request to neither the provider nor a service; it shows no key."""
    parts = urlsplit(url)
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return CouldNotRun(
        Problem(
            f"the subject sent {method} {shown(url)}, which is not its provider "
            "nor a service that the scenario declares; it was not sent",
            expected=EXPECTED,
            fix=remedy(url)
            or parts.scheme.startswith("http")
            * "declare it, if it is a service that the subject needs, and record it:\n"
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


def secret_in_path(method: str) -> CouldNotRun:
    """The error of a request to the provider with a secret in its path, which it does not show."""
    return CouldNotRun(
        Problem(
            f"the path of a {method} request contains a secret; it was not sent",
            expected="the key in a header, or in the path of --base-url, which is not stored",
        )
    )


def past_client(method: str, path: str) -> CouldNotRun:
    """The error of a request that is recorded, but was not sent by the client of the subject."""
    what = f"the subject sent {method} {path} past its client; it was not sent"
    expected = "all calls through the client passed to the subject"
    return CouldNotRun(Problem(what, expected=expected))


def service_of_forecast(name: str) -> CouldNotRun:
    """The error of a request to a service, which a forecast does not ask."""
    return CouldNotRun(
        Problem(f"the subject calls the service {name}, which a forecast does not ask")
    )


def secret_in_prompt(method: str, path: str, kinds: str) -> CouldNotRun:
    """The error of a prompt with a secret, of which it names the kinds."""
    return CouldNotRun(
        Problem(
            f"a prompt contains a secret; it was not sent: {kinds}",
            where=f"{method} {path}",
            expected="prompts without keys, passwords and names of an organisation",
        )
    )


def continued() -> CouldNotRun:
    """The error of a request that refers to an answer whose id is not stored."""
    return CouldNotRun(
        Problem(
            "the subject continues an earlier response by its id, which is not stored; "
            "it was not sent",
            expected="the whole conversation in every request",
        )
    )
