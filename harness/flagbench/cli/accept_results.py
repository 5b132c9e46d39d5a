"""Results of `flagbench accept`: proofs of files, as a table and as JSON."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from flagbench.acceptance.proof import Proof
from flagbench.cli import output
from flagbench.errors import CouldNotRun, ExitCode
from flagbench.plain_console import plain_console
from flagbench.printable import printable_line

_PIPED_WIDTH = 1000


@dataclass(frozen=True, slots=True)
class FileResult:
    """The proof of a file or folder, or the reason why it could not be proven.

    `checks` are the results of single checks, where they were asked for.
    """

    file: Path
    entity: str
    proof: Proof | CouldNotRun
    checks: Mapping[str, Proof | CouldNotRun] = field(default_factory=dict)

    @property
    def is_refuted(self) -> bool:
        """True where a check failed."""
        return isinstance(self.proof, Proof) and not self.proof.accepted


def exit_code(results: Sequence[FileResult]) -> ExitCode:
    """BROKEN where a file is refuted, else COULD NOT RUN where one could not be proven."""
    if any(result.is_refuted for result in results):
        return ExitCode.BROKEN
    if any(isinstance(result.proof, CouldNotRun) for result in results):
        return ExitCode.COULD_NOT_RUN
    return ExitCode.KEPT


def print_json(results: Sequence[FileResult]) -> None:
    """Print a list with an object for each file."""
    rows = [
        {
            "file": str(result.file),
            "entity": result.entity,
            "python": platform.python_version(),
            **_values(result.proof),
            "checks": {name: _values(proof) for name, proof in result.checks.items()},
        }
        for result in results
    ]
    output.say_json(rows)


def _values(proof: Proof | CouldNotRun) -> dict[str, Any]:
    """Plain values; `accepted` is null where that is not known."""
    if isinstance(proof, CouldNotRun):
        return {"accepted": None, "check": "", "message": str(proof), "figures": {}}
    return {
        "accepted": proof.accepted,
        "check": proof.check,
        "message": proof.message,
        "figures": {name: list(pair) for name, pair in proof.figures.items()},
    }


def print_table(results: Sequence[FileResult]) -> None:
    """Print a line for each file, and the reason of each that is not accepted."""
    console = plain_console(piped_width=_PIPED_WIDTH)  # paths in a pipe are not cut to a width
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("file", "entity", "verdict", "check", "figures"):
        table.add_column(column, overflow="fold")
    for result in results:
        verdict, *told = _cells(result.proof)
        file, entity, *others = map(printable_line, (str(result.file), result.entity, *told))
        table.add_row(file, entity, verdict, *others)
    console.print(table)
    for result in results:
        if isinstance(result.proof, CouldNotRun):
            console.print(f"{result.file}: {result.proof}")
        elif result.is_refuted:
            console.print(f"{result.file}: {result.proof.check}: {result.proof.message}")
    plain_console(stderr=True).print(f"judged by Python {platform.python_version()}")


def _cells(proof: Proof | CouldNotRun) -> tuple[Text, str, str]:
    if isinstance(proof, CouldNotRun):
        return Text("could not run", "yellow"), "", ""
    verdict = Text("accepted", "green") if proof.accepted else Text("refuted", "bold red")
    figures = (f"{name} {part}/{whole}" for name, (part, whole) in proof.figures.items())
    return verdict, proof.check, ", ".join(figures)
