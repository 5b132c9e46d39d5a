"""Addresses of the pages, which are names of files too, so that an export has the same links."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from flagbench.printable import printable

INDEX = "index.html"
SEARCH = "search.html"
_SUFFIX = ".html"
_RECORDING = "recording."
_BESIDE = "@"  # never in a quoted name
_PART = "@"  # alone at the begin


@dataclass(frozen=True, slots=True)
class CellAddress:
    """A cell of a scenario: combination and trial."""

    combination: str
    trial: int

    def __str__(self) -> str:
        return f"{quote(self.combination, safe='=+,.-')}.{self.trial}"

    @classmethod
    def parse(cls, text: str) -> "CellAddress":
        """The cell that a text names. Raises `ValueError`."""
        combination, _, trial = text.rpartition(".")
        return cls(unquote(combination), int(trial))


def of_scenario(name: str) -> str:
    """The file of a scenario, from the root."""
    return f"{_folder(name)}/{INDEX}"


def of_cell(name: str, cell: CellAddress) -> str:
    """The file of a cell, from the root."""
    return f"{_folder(name)}/{cell}{_SUFFIX}"


def of_pair(name: str, left: CellAddress, right: CellAddress) -> str:
    """The file of two cells side by side, from the root."""
    return f"{_folder(name)}/{left}{_BESIDE}{right}{_SUFFIX}"


def of_recording(name: str, trial: int) -> str:
    """The file of a recording, from the root."""
    return f"{_folder(name)}/{_RECORDING}{trial}{_SUFFIX}"


def of_part(name: str, part: str) -> str:
    """The file of a part of a scenario's page alone, from the root."""
    return f"{_folder(name)}/{_PART}{part}{_SUFFIX}"


def part_of(file: str) -> str:
    """The part that a file in a scenario's folder names, "" for another file."""
    stem = file.removesuffix(_SUFFIX)
    return stem.removeprefix(_PART) if stem.startswith(_PART) else ""


def link(file: str) -> str:
    """A file as a link from the root, quoted once more than its name."""
    return quote(file)


def anchor(path: str) -> str:
    """A generated file's part of an id, the same for a path and for its printable form."""
    return quote(printable(path))


def scenario_of(folder: str) -> str:
    """The scenario whose folder this is."""
    return unquote(folder)


def parse(file: str) -> int | tuple[CellAddress, ...]:
    """The content of a file in a scenario's folder: a trial's recording, a cell, or two.

    Raises `ValueError` for a name of none.
    """
    stem = file.removesuffix(_SUFFIX)
    if stem.startswith(_RECORDING):
        return int(stem.removeprefix(_RECORDING))
    return tuple(CellAddress.parse(part) for part in stem.split(_BESIDE, 1))


def _folder(name: str) -> str:
    return quote(name, safe="")
