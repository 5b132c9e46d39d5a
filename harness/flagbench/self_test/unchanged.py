"""Counts of false alarms of unchanged code, run again and again, and where they are kept."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flagbench.acceptance.proof_cache import PROOFS_FOLDER
from flagbench.atomic_file import write_whole

KEPT = Path(PROOFS_FOLDER, "self-test")


class Unchanged(BaseModel):
    """Counts of runs of unchanged code; `others` had other cells than the first of their series.

    `asked` is the number of runs that were asked for; an interrupt leaves fewer. `alarms` are the
    runs that were not KEPT, or had a remark, in words; `conditions` those that differed.
    """

    model_config = ConfigDict(frozen=True)

    asked: int
    runs: int
    alarms: tuple[str, ...]
    others: int
    conditions: tuple[str, ...]
    processes: int

    @property
    def line(self) -> str:
        """The counts in a sentence."""
        asked = "" if self.is_whole else f" ({self.asked:,} were asked for)"
        return (
            f"Unchanged runs: {len(self.alarms)} false alarms of {self.runs:,}{asked}, and "
            f"{self.others} with other cells, in {self.processes} processes: "
            f"{', '.join(self.conditions) or 'nothing was run'}."
        )

    @property
    def is_whole(self) -> bool:
        """True if as many runs were made as were asked for."""
        return self.runs >= self.asked

    @property
    def is_met(self) -> bool:
        """True for all runs without any alarm or other cells."""
        return self.is_whole and not self.alarms and not self.others


class _Kept(BaseModel):
    """Counts, and the command that counts them again."""

    command: str
    counted: Unchanged


def keep(folder: Path, counted: Unchanged, key: str, command: str) -> None:
    """Keep the counts of a project's code in place of its last ones; `key` is that of the code."""
    path = _path(folder, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _Kept(command=command, counted=counted).model_dump_json())


def last(folder: Path, key: str) -> str:
    """The counts of the last whole run of this code, with its command, in a sentence."""
    path = _path(folder, key)
    if not path.exists():
        return "Unchanged runs: not counted for this code; `flagbench self-test --unchanged 500`."
    kept = _Kept.model_validate_json(path.read_text("utf-8"))
    return f"{kept.counted.line.removesuffix('.')}; `{kept.command}`."


def _path(folder: Path, key: str) -> Path:
    return folder / KEPT / f"unchanged-{key}.json"
