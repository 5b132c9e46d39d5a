"""The file of a shard: its size, and a version that is not this one's."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from whole_run import series

from flagbench.cassette.cassette import sha256
from flagbench.errors import InputError
from flagbench.measurement import results
from flagbench.report.series_report import RunReport
from flagbench.report.shards import shard_file
from flagbench.report.shards.identity import Folders
from flagbench.report.shards.shard_file import Shard


def written(folder: Path, count: int) -> Path:
    """The file of a shard with so many series of one scenario, each named by all of them."""
    names = [f"series-{number:05}" for number in range(count)]
    report = RunReport.of(
        replace(series("none"), combination=name, declared=names, place=number)
        for number, name in enumerate(names)
    )
    folder.mkdir()
    rows = [cell.row() for member in report.series for cell in member.cells]
    (folder / results.CELLS_FILE).write_text("".join(results.lines_of(rows, len(rows))))
    shard = Shard(number=1, of=1, identity={}, folders=Folders("", "", "", [], []), exit_code=0)
    shard_file.write(shard, report, folder)
    return folder


def size(folder: Path) -> int:
    """The bytes of the file."""
    return (folder / shard_file.FILE).stat().st_size


def test_a_series_takes_no_more_bytes_among_many(tmp_path: Path) -> None:
    """The names of all are there once; read again, each series has them."""
    few, many = written(tmp_path / "few", 60), written(tmp_path / "many", 600)
    assert size(many) / 600 == pytest.approx(size(few) / 60, rel=0.02)
    _, series_of_many = shard_file.read(many)
    names = [member.combination for member in series_of_many]
    assert len(names) == 600
    assert all(list(member.declared) == names for member in series_of_many)


def first_version(content: dict[str, Any]) -> None:
    """The form of a shard that had no version: the names of all series in each."""
    del content["schema_version"]
    names = content.pop("declared")
    for member in content["series"]:
        member["declared"] = names[member["declared"]]


def without_version(content: dict[str, Any]) -> None:
    """The form between: the names once, but no version."""
    del content["schema_version"]


@pytest.mark.parametrize(
    ("change", "version"),
    [
        (first_version, "1"),
        (without_version, "1"),
        (lambda content: content.update(schema_version=3), "3"),
        (lambda content: content.update(schema_version="2"), "'2'"),
    ],
)
def test_another_version_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], version: str
) -> None:
    """With its version, the one that is expected, and what helps."""
    path = written(tmp_path / "shard", 2) / shard_file.FILE
    content = json.loads(path.read_text())
    del content["checksum"]
    change(content)
    path.write_text(json.dumps({"checksum": sha256(json.dumps(content)), **content}))
    with pytest.raises(InputError) as refused:
        shard_file.read(path.parent)
    assert str(refused.value) == (
        f"{path}: it is of another version of flagbench (schema version {version})\n"
        "    expected: schema version 2\n"
        "    fix: run that shard again"
    )
