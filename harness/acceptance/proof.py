"""What a proof is: a file in its application, and what the checks found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.acceptance.asking import Asker
from harness.acceptance.expected import Entity

# Messages are for people: the first words of a long one are enough.
_MESSAGE_CHARACTERS = 600


class Refuted(Exception):  # noqa: N818  a finding, not an error of ours
    """A check that failed, with the message a person needs."""

    def __init__(self, check: str, message: str) -> None:
        super().__init__(message)
        self.check = check
        self.message = message


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


@dataclass(frozen=True, slots=True)
class Proof:
    """The result: accepted, or the first `check` that failed and why.

    `figures`: name -> (part, whole), such as tests passed of tests collected.
    """

    check: str = ""
    message: str = ""
    figures: Mapping[str, tuple[int, int]] = field(default_factory=dict)

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
Judge = Callable[[Case, Asker, Figures], None]
"""Asks the probe about its case, notes figures, and raises `Refuted` at the first failed check."""
