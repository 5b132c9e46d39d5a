"""Other HTTP services of a scenario, whose calls are recorded and replayed without tokens."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from flagbench.yaml_lines import Problems

# Headers of an answer that say who called.
_NEVER_KEPT = re.compile(r"set-cookie2?|.*(?:auth|token|secret|api-?key).*", re.IGNORECASE)
# Variables that a cell sets itself.
TAKEN_VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_KEY")

ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError(f"{text!r} is not a URL such as https://search.example.com/api")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{text!r} has a query, a fragment or a password")
    return text.rstrip("/")


def _variable(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        raise ValueError(f"{text!r} cannot name an environment variable")
    if text in TAKEN_VARIABLES:
        raise ValueError(f"{text} is the provider's")
    return text


def _header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+", text) or _NEVER_KEPT.fullmatch(text):
        raise ValueError(f"{text!r} is not a header that may be stored")
    return text.lower()


Variable = Annotated[str, AfterValidator(_variable)]


class ServicePart(BaseModel):
    """A service: where it is, how the subject learns it, and what of it is secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    base_url: Annotated[str, AfterValidator(_base_url)]
    env: Variable | None = None
    keys: list[Variable] = []
    secret_query: list[Annotated[str, StringConstraints(min_length=1)]] = []
    headers: list[Annotated[str, AfterValidator(_header)]] = []


def variable_of(name: str) -> str:
    """The variable that holds the address of a service, whatever else does."""
    return f"FLAGBENCH_SERVICE_{name.upper().replace('-', '_')}_URL"


def variables_of(name: str, service: ServicePart) -> tuple[str, ...]:
    """The variables that a cell sets for a service."""
    return (variable_of(name), *([service.env] if service.env else []), *service.keys)


def check(services: Mapping[str, ServicePart], problems: Problems) -> None:
    """Check that no two services have the same address or the same variable."""
    variables: dict[str, str] = {}
    for name in services:
        if variables.setdefault(variable_of(name), name) != name:
            what = f"{name} and {variables[variable_of(name)]} have the same variable"
            problems.add(("services", name), what, "names that differ in more than - and _")
    for field in ("base_url", "env"):
        known: dict[str, str] = {}
        for name, service in services.items():
            value = getattr(service, field)
            if value is not None and known.setdefault(value, name) != name:
                what = f"{name} and {known[value]} have the same {field}, {value}"
                problems.add(("services", name, field), what, "one of each")
