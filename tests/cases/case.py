"""A case: a subject that calls in some way, a model that answers in some way, and what is right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from flagbench.measurement.cell_result import CellResult

KEPT, COULD_NOT_RUN = "KEPT", "COULD NOT RUN"


@dataclass(frozen=True)
class Seen:
    """What a user sees of a case, recorded and replayed twice.

    `verdicts` are the last columns of the table by combination, `remarks` the lines below it,
    `errors` the messages in place of a measurement. `crashes` are tracebacks, of the recording and
    of the replays. `again` is what was seen after a recording that failed and its repetition.
    """

    recorded: str = ""
    cells: Mapping[str, CellResult] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    errors: Sequence[str] = ()
    crashes: Sequence[str] = ()
    differs: bool = False
    cassette: Path = Path()
    again: "Seen | None" = None

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "\n".join([self.recorded, *self.verdicts.values(), *self.remarks, *self.errors])


@dataclass(frozen=True)
class Case:
    """A row of the table.

    `subject` is one of `odd_calls`, or a dotted path. `tokens` are those of the prompt and of the
    completion, by combination (`none`, `all`), for one request; `source` says where they are from.
    `says` are texts that must be said. `keys` are more keys of the scenario, `files` more files
    next to it.
    `cassette_has` and `cassette_lacks` are bytes; `check` returns what else is wrong, or "".
    `mends` is a recording that fails, and that the same command, given again, mends.
    """

    name: str
    subject: str
    model: str
    tokens: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    source: str = ""
    verdict: str = KEPT
    says: Sequence[str] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    cassette_has: Sequence[bytes] = ()
    cassette_lacks: Sequence[bytes] = ()
    check: Callable[[Seen], str] | None = None
    mends: bool = False


class Grade(StrEnum):
    """What became of a case."""

    RIGHT = "right"
    CLEAR_ERROR = "clear error"
    WRONG = "wrong"


def grade(case: Case, seen: Seen) -> tuple[Grade, str]:
    """The grade of a case, and everything that is wrong with it, or what was seen."""
    problems = list(_problems(case, seen))
    if problems:
        return Grade.WRONG, "; ".join(problems)
    if case.verdict == COULD_NOT_RUN:
        return Grade.CLEAR_ERROR, seen.errors[0].splitlines()[0]
    return Grade.RIGHT, ", ".join(f"{name}: {text}" for name, text in _shown(seen).items())


def _problems(case: Case, seen: Seen) -> Sequence[str]:
    if seen.crashes:
        return [f"a traceback: {seen.crashes[0].strip().splitlines()[-1]}"]
    problems = [] if not seen.differs else ["two replays differ"]
    could_run = not seen.errors
    if could_run != (case.verdict != COULD_NOT_RUN):
        problems.append(f"{case.verdict} would be right: {seen.errors or dict(seen.verdicts)}")
    problems += [
        f"{text!r} is not said: {seen.text}" for text in case.says if text not in seen.text
    ]
    for name, tokens in case.tokens.items():
        cell = seen.cells.get(name)
        measured = (cell.prompt_tokens, cell.completion_tokens) if cell else None
        if measured != tokens:
            problems.append(f"{name}: {measured} tokens, {tokens} would be right")
    for name, cell in seen.cells.items() if case.source else ():
        if cell.tokens_source["tokens"] != case.source:
            problems.append(f"{name}: {cell.tokens_source}, {case.source} would be right")
    content = seen.cassette.read_bytes() if seen.cassette.is_file() else b""
    problems += [
        f"the cassette lacks {part!r}" for part in case.cassette_has if part not in content
    ]
    problems += [f"the cassette has {part!r}" for part in case.cassette_lacks if part in content]
    if case.mends and not _is_mended(seen.again):
        problems.append(f"recording again does not mend it: {seen.again}")
    if case.check is not None and (problem := case.check(seen)):
        problems.append(problem)
    return problems


def _is_mended(again: Seen | None) -> bool:
    return again is not None and not (again.errors or again.crashes or again.differs)


def _shown(seen: Seen) -> dict[str, str]:
    return {
        name: f"{cell.prompt_tokens:,} + {cell.completion_tokens:,} tokens {seen.verdicts[name]}"
        for name, cell in seen.cells.items()
    }
