"""A changed prompt without a recording: what is known of it, and that it is not a measurement."""

import pytest
from bench import Bench
from click.testing import CliRunner

from flagbench.cli.main import cli
from flagbench.errors import ExitCode
from flagbench.pytest_plugin.exit_status import ExitStatusPlugin

PROVISIONAL = "--flagbench-provisional"


@pytest.fixture
def changed(accepted: Bench) -> Bench:
    """A house whose second prompt has two more words than the recorded one."""
    accepted("--flagbench-accept-baselines")
    accepted.house.edit("says hello", "says hello to everybody")
    return accepted


def test_the_message_of_a_missing_recording_names_the_option(changed: Bench) -> None:
    """Beside the command that records."""
    changed("-k", "none").stdout.fnmatch_lines([
        "*fix: flagbench record *tiny.yaml",
        "*for what is known without recording: flagbench run *tiny.yaml --provisional",
    ])  # fmt: skip


def test_what_is_known_is_in_every_report(changed: Bench) -> None:
    """Exact prompt tokens, the rest if the answers stayed, the changed line, and the cost."""
    result = changed(PROVISIONAL, "--junitxml", "junit.xml")
    result.assert_outcomes(failed=4, passed=1)
    prompts = "prompt tokens +*% exact (* → * a trial); 2 of 6 calls changed; nothing else known *"
    certainty = "for certainty: about * requests, * tokens, US$*, * minutes: flagbench record *"
    result.stdout.fnmatch_lines([
        "PROVISIONAL scenarios/tiny.yaml::none",
        prompts,
        "if the answers stayed as they were: tokens * (+*%), seconds * (+0.0%), US$ *",
        certainty,
        "    changed: another prompt of writer, generate, request 2 of every trial: +2 tokens *",
        "*-*a function that says hello",
        "*+*a function that says hello to everybody",
        "provisional: 4 series: prompt tokens +*% to +*% exact; nothing else known to change",
        f"provisional: {certainty}",
        "4 PROVISIONAL",
    ])  # fmt: skip
    series = changed.summary()["scenarios"]["tiny"]["series"]["none"]
    known = series["provisional"]
    assert (series["verdict"], series["metrics"]) == ("PROVISIONAL", {})
    assert known["prompt_tokens"] == known["recorded_prompt_tokens"] + 2
    assert (known["calls"], known["changed"], known["unmatched"]) == (6, 2, [])
    assert known["cost"]["requests"] == 2
    report = (changed.latest / "report.md").read_text()
    assert "**PROVISIONAL** `tiny`: `4 series: prompt tokens +" in report
    assert "for certainty: about 4 requests" in report
    assert 'data-outcome="PROVISIONAL"' in (changed.latest / "report.html").read_text()
    junit = (changed.house.path / "junit.xml").read_text()
    assert 'name="verdict" value="PROVISIONAL"' in junit
    assert 'message="PROVISIONAL scenarios/tiny.yaml::none' in junit


def test_it_is_never_a_measurement(changed: Bench) -> None:
    """Neither a cell, nor a stored run, nor a baseline."""
    history = changed.house.path / "reports" / "history" / "tiny.jsonl"
    before = history.read_bytes()
    accepted = changed.house.baseline.read_bytes()
    changed(PROVISIONAL)
    assert (changed.latest / "cells.jsonl").read_text() == ""
    assert history.read_bytes() == before
    assert changed(PROVISIONAL, "--flagbench-accept-baselines").ret == pytest.ExitCode.USAGE_ERROR
    assert changed.house.baseline.read_bytes() == accepted


def test_a_call_more_is_answered_by_the_nearest_and_said_to_be(accepted: Bench) -> None:
    """It has no counterpart of its own; one more prompt than accepted is known to be sent."""
    accepted("--flagbench-accept-baselines")
    accepted.house.edit("reverses a text", "reverses a text\n  - a function that adds numbers")
    result = accepted(PROVISIONAL, "--flagbench-combination", "none")
    result.stdout.fnmatch_lines([
        "prompt tokens * 2 of 8 calls changed; * more changes known",
        "also changed: a call more of writer, generate, request 4 of every trial: *",
        "no counterpart, answered by the nearest recording: writer, generate, request 4 of trial 1",
    ])  # fmt: skip


def test_recorded_requests_have_their_verdict(accepted: Bench) -> None:
    """The option changes nothing where nothing has changed."""
    accepted(PROVISIONAL).assert_outcomes(passed=5)
    assert set(accepted.verdicts().values()) == {"KEPT"}


def test_the_exit_code_is_its_own(changed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither that of a kept run nor of a broken one, which comes before it."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    run = ("run", "-q", "--provisional", "--combination", "none")
    assert CliRunner().invoke(cli, run).exit_code == ExitCode.PROVISIONAL
    changed.house.edit("subject: tiny.write", "subject: tiny.write\nmodel: other")
    assert CliRunner().invoke(cli, run).exit_code == ExitCode.COULD_NOT_RUN
    assert ExitStatusPlugin().exit_code(pytest.ExitCode.TESTS_FAILED) == ExitCode.COULD_NOT_RUN
