"""Cases and proofs: a file in its application, and the result of its checks."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.selection import Selection
from flagbench.scenario.specification import Entity

# Messages are for people: the beginning of a long one is enough.
_MESSAGE_CHARACTERS = 600
_SEEDS = 1000


# The check that generated code fails with an exception or an answer that no check expects.
SANDBOX_CHECK = "sandbox"
# A timeout may not occur on a machine that is less busy: such a proof is not cached.
TIME_CHECK = "time"


class Refuted(Exception):  # noqa: N818  a finding, not an error of the harness
    """A failed check with a message for people.

    `path` is the file at fault where a proof covers several files.
    """

    def __init__(self, check: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.check = check
        self.message = message
        self.path = path


class Provable(Protocol):
    """A part of an application that can be proven, with its expectations.

    `files` is the whole application by path. `texts` are the paths of the part, each with the words
    that its file must use. `expected` is whatever else a proof depends on, as JSON values.
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
    """A file to prove. `files` is its whole application by path, the file included.

    `entity` is the expected entity and `related` those it has relations to; `before` is the entity
    as the previous request left it, None for a new one.
    """

    kind: str
    path: str
    entity: Entity
    related: tuple[Entity, ...]
    before: Entity | None
    files: Mapping[str, str]

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The file, with the words of its entity."""
        return {self.path: (self.entity.words, *self.entity.attributes)}

    @property
    def seed(self) -> int:
        """A number for sample values, drawn from the text of the file."""
        text = self.files.get(self.path, "").encode("utf-8", "replace")
        return 10 * (int.from_bytes(hashlib.sha256(text).digest()[:4]) % _SEEDS)

    @property
    def expected(self) -> Any:
        """The entities and the path, as JSON values."""
        return {
            "path": self.path,
            "entity": self.entity.model_dump(),
            "related": [entity.model_dump() for entity in self.related],
            "before": self.before and self.before.model_dump(),
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """Result of the checks: accepted, or the first `check` that failed and its message.

    `figures`: name -> (part, whole), such as tests passed of tests collected. `path` is the file at
    fault where the proof covers several files.
    """

    check: str = ""
    message: str = ""
    figures: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path: str = ""

    @property
    def accepted(self) -> bool:
        """True if every check passed."""
        return not self.check

    @classmethod
    def refuted(cls, check: str, message: str, **figures: tuple[int, int]) -> "Proof":
        """Build the proof of a failed check; a long message is truncated."""
        text = " ".join(message.split())
        short = text if len(text) <= _MESSAGE_CHARACTERS else text[: _MESSAGE_CHARACTERS - 1] + "…"
        return cls(check, short, figures)


Figures = dict[str, tuple[int, int]]
Judge = Callable[[Case, ProbeClient, Figures, Selection], None]
"""Runs the selected checks of a case and those that they need, records figures, and raises
`Refuted` at the first that fails."""
AnyJudge = Callable[[Any, Any, Figures, Selection], None]
"""A judge whose case has the type of its kind, and no probe where it runs nothing."""
