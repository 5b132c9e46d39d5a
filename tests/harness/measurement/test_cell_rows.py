"""Cells are read from results, and what is wrong is told with its line."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_cells import cell, row, write
from whole_run import series

from flagbench.errors import InputError
from flagbench.measurement import results
from flagbench.report.data import json_files
from flagbench.report.series_report import RunReport


def changed(**values: Any) -> str:
    """The line of a row with other values."""
    return json.dumps(row() | values)


def test_a_folder_and_its_file_hold_the_same_cells(tmp_path: Path) -> None:
    """Rows may have more keys than a comparison needs."""
    write(tmp_path, [row(trial=1, later="x"), row(trial=2)])
    found = results.load(tmp_path)
    assert [one.trial for one in found] == [1, 2]
    assert found == results.load(tmp_path / "cells.jsonl")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("nothing", "not JSON: Expecting value"),
        ("5", "not a row: 5"),
        (json.dumps({"task": "x", "score": 1}), "key 'scenario' is missing"),
        (changed(tokens=None), "tokens is null"),
        (changed(rates={"approval_rate": [1]}), "rates.approval_rate"),
        (changed(refuted=[{"request": 1}]), "refuted.0: key 'path' is missing"),
        (changed(warnings=[1]), "warnings.0 is 1"),
    ],
)
def test_a_foreign_line_is_told_with_its_place_and_key(
    tmp_path: Path, line: str, what: str
) -> None:
    """Beside every other wrong line of the file."""
    path = tmp_path / "cells.jsonl"
    path.write_text(f"{json.dumps(row())}\n{line}\n{{\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        results.load(path)
    first, second = caught.value.problems
    assert (first.where, second.where) == (f"{path}:2", f"{path}:3")
    assert first.what.startswith(what)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Also half a character in a subject's words, which UTF-8 cannot hold."""
    written = cell(tokens=(10, 20), refuted=["app/a.py"], warnings=["cut \ud800"])
    report = RunReport.of([series("none", cells=[written])])
    json_files.write(report, tmp_path)
    assert results.load(tmp_path) == (written,)


LOST = "rows are missing, or were added or put into another order"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda lines: [lines[0], lines[1].replace(":10", ":11"), lines[2]], [":2: the row"]),
        (lambda lines: [lines[0], lines[1].replace("m", "n"), lines[2]], [":2: "]),
        (lambda lines: lines[:2], [f": {LOST}"]),
        (lambda lines: lines[1:], [f": {LOST}"]),
        (lambda lines: [*lines, lines[0]], [f": {LOST}"]),
        (lambda lines: lines[:1], [":1: the row differs"]),
        (lambda lines: [lines[1], lines[0], lines[2]], [":1: the row", ":2: the row"]),
        (lambda lines: [json.dumps(row())] * 3, [": the rows have no checksum"]),
        (lambda lines: [*lines[:2], json.dumps(row())], [":3: the row differs"]),
    ],
    ids=[
        "figure", "letter", "end lost", "beginning lost", "added", "all but the first lost",
        "order", "of another version", "a row of another version",
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_it_was_written_is_refused(
    tmp_path: Path, damage: Callable[[list[str]], list[str]], told: list[str]
) -> None:
    """With the lines where they are known: a changed figure would be believed."""
    path = write(tmp_path, [row(trial=trial, tokens=[10, 20]) for trial in (1, 2, 3)])
    path = path / "cells.jsonl"
    lines = path.read_text().splitlines()
    damaged = damage(lines)
    assert damaged != lines
    path.write_text("\n".join(damaged) + "\n")
    with pytest.raises(InputError) as caught:
        results.load(path)
    texts = [str(problem) for problem in caught.value.problems]
    assert len(texts) == len(told)
    assert all(text.startswith(f"{path}{start}") for text, start in zip(texts, told, strict=True))


def test_results_that_are_not_there_name_the_command(tmp_path: Path) -> None:
    """Neither a missing folder nor an empty file is a result."""
    with pytest.raises(InputError, match="pytest scenarios/"):
        results.load(tmp_path / "none")
    tmp_path.joinpath("cells.jsonl").write_text("")
    with pytest.raises(InputError, match="no cells"):
        results.load(tmp_path)


def test_a_request_without_a_call_is_a_request(tmp_path: Path) -> None:
    """A cached one has artifacts alone."""
    made = row(tokens=[10, 20])
    del made["by_request"]["one-02"]
    (found,) = results.load(write(tmp_path, [made]))
    assert found.request_ids == {"one-01", "one-02"}


def test_a_combination_is_named_in_any_order() -> None:
    """The flags are a set."""
    known = ["none", "cache+templates"]
    assert results.find_combination("templates+cache", known) == "cache+templates"
    assert results.find_combination("templates", known) is None


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with results in its only commit, and none beside it."""
    monkeypatch.chdir(tmp_path)
    folder = write(tmp_path / "stored", [row()])
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "results"],
    ):
        subprocess.run(["git", *command], check=True, capture_output=True)
    folder.joinpath("cells.jsonl").unlink()
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_a_commit_gives_back_its_results() -> None:
    """By its path, though the working tree has it no more."""
    (found,) = results.load_commit("HEAD:stored/cells.jsonl")
    assert found.scenario == "one"


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("text", ["HEAD", "nowhere:x", "HEAD:x", "--output=/tmp/x:y"])
def test_a_commit_without_results_is_wrong_input(text: str) -> None:
    """An unknown one, one without the file, and an option that is no commit."""
    with pytest.raises(InputError):
        results.load_commit(text)
