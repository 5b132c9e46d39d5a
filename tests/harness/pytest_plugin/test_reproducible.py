"""The same results are the same bytes, however they were come by."""

import json

from bench import Bench


def test_cells_and_summary_are_the_same_bytes_however_they_are_run(accepted: Bench) -> None:
    """In this process, backwards, in another, in two at once, under other hash seeds."""
    names = [f"scenarios/tiny.yaml::{one}" for one in ("all", "parallel", "short", "none")]
    accepted()
    first = accepted.results()
    assert len(first[0].splitlines()) == 8
    accepted(*names, "scenarios/tiny.yaml::baseline")
    assert accepted.results() == first
    for workers, seed in (("0", "1"), ("2", "4242")):
        ended = accepted.apart("scenarios", "-q", "-n", workers, PYTHONHASHSEED=seed)
        assert ended.returncode == 0, ended.stdout
        assert accepted.results() == first


def test_the_results_hold_no_trace_of_the_moment(accepted: Bench) -> None:
    """No path, no time, no cost of this machine: that stands apart."""
    accepted()
    text = b"".join(accepted.results()).decode()
    assert str(accepted.house.path) not in text
    assert "cpu" not in text
    overhead = json.loads((accepted.latest / "overhead.json").read_text())
    assert set(overhead["cpu_seconds"]["tiny"]) == {"none", "short", "parallel", "all"}


def test_reports_name_the_files_of_a_project_from_its_root(accepted: Bench) -> None:
    """Of recordings that nothing used, and where a recording is missing: also in another folder."""
    for edit in (
        lambda: accepted.house.edit("  - a function that says hello\n", ""),
        accepted.house.cassette(2).unlink,
    ):
        edit()
        accepted()
        reports = [path for path in accepted.latest.rglob("*.*") if path.suffix != ".parquet"]
        told = {path.name: path.read_text() for path in reports}
        assert "cassettes/simulated/tiny/" in told["report.html"]
        assert not [name for name, text in told.items() if str(accepted.house.path) in text]


def test_rows_are_canonical(accepted: Bench) -> None:
    """Sorted keys, no blanks, one row a line, sorted by series and trial."""
    accepted()
    lines = (accepted.latest / "cells.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [json.dumps(row, sort_keys=True, separators=(",", ":")) for row in rows] == lines
    assert [(row["combination"], row["trial"]) for row in rows] == [
        (name, trial) for name in ("none", "short", "parallel", "all") for trial in (1, 2)
    ]


def test_the_digest_is_of_what_was_measured(accepted: Bench) -> None:
    """The same for the same results, another for others."""
    accepted()
    before = accepted.summary()["digest"]
    accepted("-q")
    assert accepted.summary()["digest"] == before
    accepted("-k", "short")
    assert accepted.summary()["digest"] != before
