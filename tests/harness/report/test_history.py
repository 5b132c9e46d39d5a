"""Stored runs: one line for each whole run that found something else, and nothing for the rest."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from whole_run import TOKENS, run, slower

from flagbench import git
from flagbench.report import history
from flagbench.report.series_report import RunReport
from flagbench.run.counterfactual import Counterfactual
from flagbench.run.options import Options
from flagbench.scenario.schema import Threshold

WANTED = Threshold(value=1, better="higher", advice="repeat more")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Reports in a folder of the test."""
    return Options(cassettes=tmp_path, baselines=tmp_path, reports=tmp_path)


def other(seconds: float) -> RunReport:
    """A run that took so many seconds more."""
    first, *rest = run().series
    return RunReport.of([slower(first, seconds), *rest])


def test_a_whole_run_leaves_a_line(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    """None and all with what they cost and how good they are; date and commit apart, it is the
    same for the same results.
    """
    monkeypatch.setattr(git, "describe", lambda: "abc-dirty")
    history.remember(run(), options)
    (line,) = (options.reports / "history" / "one.jsonl").read_text().splitlines()
    stored = json.loads(line)
    assert stored.pop("date").endswith("Z")
    assert len(stored.pop("digest")) == len(stored.pop("checksum")) == 64
    assert stored == {
        "schema_version": 1, "commit": "abc-dirty", "provider": "simulated", "model": "gpt-4o-mini",
        "requests": 1, "trials": 2, "crashes": 0, "reruns": 0,
        "series": {
            name: {
                "tokens": TOKENS[name] + 5.0, "seconds": seconds, "usd": TOKENS[name] / 1e6,
                "approval_rate": 1.0, "acceptance_rate": accepted,
            }
            for name, seconds, accepted in (("none", 10.0, 0.75), ("all", 6.0, 1.0))
        },
    }  # fmt: skip


def test_what_a_dashboard_shows_is_stored(options: Options) -> None:
    """The metrics of its thresholds, of a series that is neither none nor all, too; runs of another
    model are no part of its trend.
    """

    for model, seconds in (("m", 7.0), ("other", 8.0)):
        report = other(seconds)
        one = replace(report.series[0], combination="x+y", thresholds={"cache_hit_rate": WANTED})
        one = replace(one, metrics={**one.metrics, "cache_hit_rate": 0.25})
        members = [replace(each, model=model) for each in (*report.series, one)]
        history.remember(RunReport.of(members), options)
    first, last = history.load(history.path_of(options, "one"))
    assert first.series["x+y"]["cache_hit_rate"] == 0.25
    here = replace(run().series[0], model="other")
    assert history.comparable_runs(options, here) == [last]
    assert (
        history.comparable_runs(replace(options, counterfactual=Counterfactual(speed=2.0)), here)
        == ()
    )
    assert history.comparable_runs(options, replace(here, scenario="never ran")) == []


def test_a_run_that_found_the_same_leaves_none(options: Options) -> None:
    """A run that went back to what was before does."""
    for report, lines in ((run(), 1), (run(), 1), (other(7.0), 2), (other(7.0), 2), (run(), 3)):
        history.remember(report, options)
        assert len(history.load(history.path_of(options, "one"))) == lines


def test_a_part_of_a_run_leaves_no_line(options: Options) -> None:
    """Neither some series nor trials, another design, other conditions or an interrupted run."""
    history.remember(run(["none", "all"]), options)
    history.remember(run(), replace(options, trials=1))
    history.remember(run(is_own_design=False), options)
    history.remember(run(), replace(options, counterfactual=Counterfactual(speed=2.0)))
    history.remember(replace(run(), interrupted=True), options)
    history.remember(run(cells=(), metrics={}, outcome="COULD NOT RUN"), options)
    assert not (options.reports / "history").exists()


def test_only_what_changed_is_added(options: Options) -> None:
    """Each scenario has its own file."""
    both = RunReport.of([*run().series, *run(scenario="two").series])
    history.remember(both, options)
    history.remember(RunReport.of([*other(7.0).series, *run(scenario="two").series]), options)
    assert [len(history.load(history.path_of(options, name))) for name in ("one", "two")] == [2, 1]


def test_a_damaged_line_is_passed_over_and_kept(options: Options) -> None:
    """It is the user's; a picture with a point less is better than no report."""
    path = history.path_of(options, "one")
    history.remember(run(), options)
    path.write_text("<<<<<<< HEAD\n" + path.read_text() + '{"date": 1}\n', encoding="utf-8")
    history.remember(other(7.0), options)
    assert len(path.read_text().splitlines()) == 4
    assert len(history.load(path)) == 2
    remarks = history.damaged_lines(options, "one")
    assert [remark.split(": ")[0] for remark in remarks] == [f"{path}:1", f"{path}:3"]


def test_a_flipped_bit_costs_its_line_and_no_other(options: Options) -> None:
    """300 flips at places of a fixed seed: a run is read as stored, or reported and left out."""
    path, chance = history.path_of(options, "one"), random.Random(1)  # noqa: S311
    for seconds in (7.0, 8.0, 9.0):
        history.remember(other(seconds), options)
    runs, whole = history.load(path), path.read_bytes()
    for _ in range(300):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole))
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        left, remarks = history.load(path), history.damaged_lines(options, "one")
        assert [run for run in runs if run in left] == list(left)
        assert len(left) == 3 or remarks
        # A line feed that is flipped joins two lines.
        assert len(left) >= (1 if whole[place] == ord("\n") else 2)


def test_the_oldest_lines_go(options: Options) -> None:
    """A file that grows for ever is read at every run."""
    path = history.path_of(options, "one")
    history.remember(run(), options)
    path.write_text(path.read_text() * history.MAX_LINES)
    history.remember(other(7.0), options)
    found = history.load(path)
    assert len(found) == history.MAX_LINES
    assert found[-1].digest != found[0].digest


def test_without_git_there_is_no_commit(
    options: Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And a line all the same."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    history.remember(run(), options)
    assert history.load(history.path_of(options, "one"))[0].commit == ""
