"""A series that left its baseline with the same calls says what else is another."""

import json
from pathlib import Path

import pytest
from bench import Bench
from house import House

LEFT = "    because: "


def change(bench: Bench, subject: str) -> None:
    """Put another subject in the place of the accepted one."""
    bench.house.edit("subject: tiny.write", f"subject: tiny_changes.{subject}")


def causes(result: pytest.RunResult) -> list[str]:
    """The causes that a run prints."""
    return [line.removeprefix(LEFT) for line in result.outlines if line.startswith(LEFT)]


@pytest.mark.parametrize(
    ("subject", "series", "told"),
    [
        (
            "paused",
            "none",
            "another pause before 6 calls of writer (generate): 0 → 1 s, requests 1-3 of every "
            "trial",
        ),
        ("slow_end", "none", "another time from the last call to the end: 0 → 5 s, every trial"),
        (
            "serial",
            "parallel",
            "6 calls of writer (generate) at the same time as 2 → 0 others, requests 1-3 of every "
            "trial",
        ),
        (
            "boasting",
            "none",
            "the subject reports another short_rate: 0 of 3 → 2 of 3, every trial",
        ),
        ("strict", "none", "0.py, now rejected, request 1 of every trial"),
    ],
)
def test_the_cause_is_what_the_subject_did(
    accepted: Bench, subject: str, series: str, told: str
) -> None:
    """Pauses, overlap, its own approval and its own report: nothing of these is a call."""
    change(accepted, subject)
    result = accepted("-k", series)
    result.assert_outcomes(failed=1, deselected=4)
    found = causes(result)
    assert found[0] == told
    assert not any("not known" in cause for cause in found)


def test_another_file_is_shown_as_a_diff(accepted: Bench) -> None:
    """From the texts beside the baseline: the subject dropped a line, and no metric shows it."""
    change(accepted, "lossy")
    result = accepted("-k", "none")
    result.assert_outcomes(passed=1, deselected=4)
    result.stdout.fnmatch_lines([
        "warning: none: within the baseline, but it does not do what was accepted: another text "
        "of 0.py from the subject, request 1 of every trial (and 2 more); flagbench run "
        "scenarios/tiny.yaml --accept-baselines",
    ])  # fmt: skip
    assert "within the baseline, but it does not" in (accepted.latest / "report.md").read_text()
    document = json.loads(accepted.house.baseline.read_text())
    document["series"]["none"]["tokens"]["value"] = 1
    accepted.house.baseline.write_text(json.dumps(document))
    accepted("-k", "none").stdout.fnmatch_lines([
        "    because: another text of 0.py from the subject, request 1 of every trial",
        "        --- accepted",
        "        -    return *",
    ])  # fmt: skip


def test_a_decision_with_another_score_is_a_change(accepted: Bench) -> None:
    """Of a series within its baseline, too."""
    change(accepted, "other_score")
    accepted("-k", "none").stdout.fnmatch_lines(
        ["*accepted: session: written with nothing → score 0.5, requests 1-3 of every trial; *"]
    )


def test_what_was_accepted_is_no_warning(accepted: Bench) -> None:
    """Unchanged code does what was accepted, in every series."""
    result = accepted()
    result.assert_outcomes(passed=5)
    result.stdout.no_fnmatch_line("*within the baseline, but*")


def test_a_series_without_an_accepted_trace_is_not_compared(accepted: Bench) -> None:
    """Nor is that taken for the same; nor is a trace of another version."""
    path = accepted.house.baseline.with_name("tiny.steps.json")
    path.write_text('{"schema_version": 1, "steps": [], "series": {}}')
    accepted("-k", "none").stdout.fnmatch_lines(
        ["warning: none: within the baseline, but what it does was not compared: tiny.steps.json*"]
    )


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("half_the_time", "reported seconds is 2.5, measured: 5.051 (trial 1)"),
        ("two_calls", "reported calls is 2, measured: 3 (trial 1)"),
        ("half_the_tokens", "reported tokens is 291, measured: 582 (trial 1)"),
    ],
)
def test_a_report_that_the_measurement_contradicts_is_broken(
    accepted: Bench, subject: str, told: str
) -> None:
    """In the verdict, with both numbers; accepting would not help."""
    change(accepted, subject)
    result = accepted("-k", "none")
    result.assert_outcomes(failed=1, deselected=4)
    result.stdout.fnmatch_lines(
        [
            "BROKEN scenarios/tiny.yaml::none",
            told,
            "    expected: a subject that reports what was measured*",
        ]
    )


def test_true_totals_are_kept(accepted: Bench) -> None:
    """A subject that reports what was measured."""
    change(accepted, "true_totals")
    accepted("-k", "none").assert_outcomes(passed=1, deselected=4)


def test_a_total_of_an_unknown_name_could_not_run(accepted: Bench) -> None:
    """It would not be held against anything."""
    change(accepted, "unknown_total")
    result = accepted("-k", "none")
    result.assert_outcomes(errors=1, deselected=4)
    result.stdout.fnmatch_lines(["*'hits'*"])


def test_accepted_files_are_stored_once(accepted: Bench) -> None:
    """The combinations of the tiny scenario share their files."""
    house: House = accepted.house
    store = Path(house.baseline).with_name("tiny.files.xz")
    before = store.read_bytes()
    accepted("-k", "none", "--flagbench-accept-baselines")
    assert store.read_bytes() == before
    assert len(before) < 1000
