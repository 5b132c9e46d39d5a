"""What a proof is: a file in its application, and what the checks found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from flagbench.acceptance.probe_client import ProbeClient
from flagbench.scenario.specification import Entity

# Messages are for people: the first words of a long one are enough.
_MESSAGE_CHARACTERS = 600


class Refuted(Exception):  # noqa: N818  a finding, not an error of ours
    """A check that failed, with the message a person needs.

    `path` is the file at fault, where a proof is of several.
    """

    def __init__(self, check: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.check = check
        self.message = message
        self.path = path


class Provable(Protocol):
    """What can be proven: a part of an application, and what is expected of it.

    `files` is the whole application by path. `texts` are the paths of the part, each with the words
    that its file must use. `expected` is whatever else a proof depends on, as JSON has it.
    """

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def files(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102
    @property
    def expected(self) -> Any: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Case:
    """A file to prove. `files` is the whole application around it, by path, the file included.

    `entity` is what it must be, `related` what that points at; `before` is the entity as the
    previous request left it, None for a new one.
    """

    kind: str
    path: str
    entity: Entity
    related: tuple[Entity, ...]
    before: Entity | None
    files: Mapping[str, str]

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The one file."""
        return {self.path: (self.entity.words, *self.entity.attributes)}

    @property
    def expected(self) -> Any:
        """The entities."""
        return {
            "path": self.path,
            "entity": self.entity.model_dump(),
            "related": [one.model_dump() for one in self.related],
            "before": self.before and self.before.model_dump(),
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """The result: accepted, or the first `check` that failed and why.

    `figures`: name -> (part, whole), such as tests passed of tests collected. `path` is the file at
    fault, where the proof is of several.
    """

    check: str = ""
    message: str = ""
    figures: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path: str = ""

    @property
    def accepted(self) -> bool:
        """Whether every check passed."""
        return not self.check

    @classmethod
    def refuted(cls, check: str, message: str, **figures: tuple[int, int]) -> "Proof":
        """A failed check; the message is cut to what a person reads."""
        text = " ".join(message.split())
        short = text if len(text) <= _MESSAGE_CHARACTERS else text[: _MESSAGE_CHARACTERS - 1] + "…"
        return cls(check, short, figures)


Figures = dict[str, tuple[int, int]]
Judge = Callable[[Case, ProbeClient, Figures], None]
"""Asks the probe about its case, notes figures, and raises `Refuted` at the first failed check."""
AnyJudge = Callable[[Any, ProbeClient, Figures], None]
"""The same of a case of its own kind."""
