"""`shard.json`: the series of a shard as JSON, so that its reports can be made elsewhere.

Unlike `cells.jsonl`, it keeps the order of mappings, which the page shows. It has a checksum, and
is checked when it is read.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from flagbench import strict_json, text_file
from flagbench.acceptance.artifact_proof import MADE_CHECK
from flagbench.atomic_file import write_whole
from flagbench.cassette.cassette import sha256
from flagbench.errors import InputError, Problem
from flagbench.measurement import results
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.shards.identity import Folders
from flagbench.series import refuted_files

FILE = "shard.json"
FIX = "run that shard again"
# 1 had no number, and repeated the names of a scenario's series in each of them.
SCHEMA = 2


class Shard(BaseModel):
    """Part `number` of `of`, of the run that `identity` describes.

    `exit_code` is that of `flagbench run`, `is_empty` is true for a part without
    items.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    of: int
    identity: Mapping[str, str]
    folders: Folders
    exit_code: int
    is_empty: bool = False
    interrupted: bool = False
    crashes: int = 0

    @property
    def name(self) -> str:
        """The shard as the option names it."""
        return f"{self.number}/{self.of}"

    @property
    def told(self) -> str:
        """The name, and that no series fell to it."""
        return f"{self.name}, to which no series fell" if self.is_empty else self.name


def remove(folder: Path) -> None:
    """Remove the file of an earlier shard."""
    (folder / FILE).unlink(missing_ok=True)


def write(shard: Shard, report: RunReport, folder: Path) -> None:
    """Write the file of a shard beside its `cells.jsonl`. Raises `OSError`."""
    whole = shard.model_copy(update={"interrupted": report.interrupted, "crashes": report.crashes})
    series = [
        _adapter().dump_python(member, mode="json", warnings=False) for member in report.series
    ]
    # All series of a scenario have the same list, which is as long as they are many.
    declared: list[list[str]] = []
    for member in series:
        names = member["declared"]
        if names not in declared[-1:]:
            declared.append(names)
        member["declared"] = len(declared) - 1
    content = {
        "schema_version": SCHEMA, "shard": whole.model_dump(mode="json"), "declared": declared,
        "series": series,
    }  # fmt: skip
    text = json.dumps(content)
    write_whole(folder / FILE, json.dumps({"checksum": sha256(text), **content}) + "\n")


def read(folder: Path) -> tuple[Shard, tuple[SeriesReport, ...]]:
    """Read a shard with its series. Raises `InputError` for a damaged or missing file."""
    path = folder / FILE
    expected = "the reports of a run with --flagbench-shard"
    try:
        content = strict_json.parse(text_file.read_bytes(path).decode("utf-8"))
        checksum = content.pop("checksum")
        if checksum != sha256(json.dumps(content)):
            raise InputError(Problem("it differs from its checksum", str(path), "", FIX))
        if (version := content.get("schema_version", 1)) != SCHEMA:
            what = f"it is of another version of flagbench (schema version {version!r})"
            raise InputError(Problem(what, str(path), f"schema version {SCHEMA}", FIX))
        for member in content["series"]:
            member["declared"] = content["declared"][member["declared"]]
        shard = Shard.model_validate(content["shard"])
        series = tuple(map(_adapter().validate_python, content["series"]))
        rows = [cell.row() for member in series for cell in member.cells]
        lines = "".join(results.lines_of(rows, len(rows)))
        is_same = text_file.read_bytes(folder / results.CELLS_FILE).decode("utf-8") == lines
    except FileNotFoundError as error:
        what = f"no {Path(error.filename or path).name}"
        raise InputError(Problem(what, str(folder), expected)) from error
    except (OSError, ValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        what = f"cannot be read: {next(iter(str(error).splitlines()), repr(error))}"
        raise InputError(Problem(what, str(path), expected, FIX)) from error
    if not is_same:
        what = f"it does not have the cells of {FILE}"
        where, expected = str(folder / results.CELLS_FILE), "both files as they were written"
        raise InputError(Problem(what, where, expected, FIX))
    return shard, series


@cache
def _adapter() -> TypeAdapter[SeriesReport]:
    return TypeAdapter(SeriesReport)


def refuted(series: Sequence[SeriesReport]) -> dict[str, str]:
    """Digest by name of each refuted file, as the run wrote it; see `refuted_files`."""
    return {
        refuted_files.path_of(found.file, found.sha256): found.sha256
        for member in series
        for cell in member.cells
        for found in cell.refuted
        if found.check != MADE_CHECK
    }
