"""Protocols for understood requests, as prompts, templates and rules use them."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from flagbench_generators.kernel.events import Trace


class NotUnderstood(Exception):  # noqa: N818  part of the outcome, not raised to a user
    """A request that could not be understood; the text says why."""


class RequestSpec(Protocol):
    """The specification of a request: frozen and hashable.

    `module` names the files; `specification` is the JSON text for prompts.
    """

    def __hash__(self) -> int: ...
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def module(self) -> str: ...  # noqa: D102
    @property
    def specification(self) -> str: ...  # noqa: D102
    @property
    def beyond_templates(self) -> str | None:
        """The reason why no template can write the code; None if one can."""

    def parts(self, per: str, when: str | None) -> Iterable[Mapping[str, str]]:
        """Yield the placeholder values of a rule for each part of kind `per` that meets `when`."""


class Understanding(Protocol):
    """Converter of requests to specifications; may keep the state of a session."""

    async def __call__(self, request: str, trace: Trace) -> tuple[RequestSpec, str]:
        """Return the specification of a request, and its wording for prompts.

        Raises `NotUnderstood`.
        """
