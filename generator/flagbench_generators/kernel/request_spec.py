"""What a request asks for, once it is understood: what prompts, templates, rules need of it."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from flagbench_generators.kernel.events import Trace


class NotUnderstood(Exception):  # noqa: N818  told in the outcome, not raised to a user
    """The request could not be understood; the text says why."""


class RequestSpec(Protocol):
    """A frozen, hashable value. `module` names the files, `specification` is JSON for prompts."""

    def __hash__(self) -> int: ...
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def module(self) -> str: ...  # noqa: D102
    @property
    def specification(self) -> str: ...  # noqa: D102
    @property
    def beyond_templates(self) -> str | None:
        """Why no template can write its code, or None if one can."""

    def parts(self, per: str, when: str | None) -> Iterable[Mapping[str, str]]:
        """The names that a rule fills in: once for each part of this kind that `when` fits."""


class Understanding(Protocol):
    """Makes what is asked for out of a request; may remember what a session built."""

    async def __call__(self, request: str, trace: Trace) -> tuple[RequestSpec, str]:
        """What is asked for, and the request in words for who works on it.

        Raises `NotUnderstood`.
        """
