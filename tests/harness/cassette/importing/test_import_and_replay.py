"""Files that other tools recorded from a real server: imported, and replayed without one."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import openai
import pytest
import vcr
from bench import Bench
from click.testing import CliRunner
from foreign_files import Import, cassette_of, error_of, har, interactions_of
from scripted_provider import scripted_provider

from flagbench.cli.attribute import attribute_
from flagbench.cli.compare import compare
from flagbench.cli.what_if import what_if_
from flagbench.http_library import httpx

WORDS = ("first", "second")


def _asked(base_url: str, client: httpx.Client | None = None) -> None:
    """The calls of the subject, by the real SDK."""
    asker = openai.OpenAI(base_url=base_url, api_key="sk-" + "a1B2c3D4" * 5, http_client=client)
    for words in WORDS:
        messages = [{"role": "user", "content": words}]
        asker.chat.completions.create(model="gpt-4o-mini", messages=messages)


def _recorded_by_vcrpy(path: Path, serializer: str) -> None:
    with scripted_provider() as provider:
        with vcr.use_cassette(str(path), serializer=serializer):
            _asked(provider.base_url)
        assert len(provider.received) == 2


def _recorded_as_har(path: Path) -> None:
    """What a proxy writes of the calls, with their real times."""
    entries, began = [], {}

    def note_request(request: httpx.Request) -> None:
        began["at"], began["clock"] = datetime.now(UTC), time.perf_counter()

    def note_answer(response: httpx.Response) -> None:
        response.read()
        sent = response.request
        milliseconds = (time.perf_counter() - began["clock"]) * 1000
        timings = {"blocked": 50, "dns": -1, "connect": -1, "send": 0, "wait": milliseconds,
                   "receive": 0, "ssl": -1}  # fmt: skip
        entries.append({
            "startedDateTime": began["at"].isoformat(), "time": milliseconds + 50,
            "request": {"method": sent.method, "url": str(sent.url), "headers": [],
                        "postData": {"mimeType": "application/json",
                                     "text": sent.content.decode()}},
            "response": {"status": response.status_code, "statusText": "OK",
                         "headers": [{"name": name, "value": value}
                                     for name, value in response.headers.multi_items()],
                         "content": {"mimeType": "application/json", "text": response.text}},
            "timings": timings,
        })  # fmt: skip

    hooks = {"request": [note_request], "response": [note_answer]}
    with scripted_provider() as provider, httpx.Client(event_hooks=hooks) as client:
        _asked(provider.base_url, client)
    path.write_text(har(*entries))


@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_a_recording_of_vcrpy_is_replayed(
    project: Bench, import_into: Import, tmp_path: Path, serializer: str
) -> None:
    """Without the server; tokens are measured, and time is unknown in every report."""
    path = tmp_path / f"it.{serializer}"
    _recorded_by_vcrpy(path, serializer)
    told = import_into(path)
    assert told.exit_code == 0, told.output
    assert f"{path}: vcrpy" in told.output
    assert "2 calls to import" in told.output
    assert "latency unknown" in told.output
    assert "a1B2c3D4" not in cassette_of(project).read_text()
    result = project("scenarios/x.yaml", "--flagbench-accept-baselines")
    result.assert_outcomes(passed=2)
    text = result.stdout.str()
    assert "KEPT (time: unknown" in text
    assert "time is unknown: the recording does not have the latency of 2 of 2 calls" in text
    row, _ = map(json.loads, (project.latest / "cells.jsonl").read_text().splitlines())
    assert (row["calls"], row["seconds"]) == (2, None)
    assert row["tokens"] > 0
    assert {usage["seconds"] for usage in row["by_request"].values()} == {None}
    series = project.summary()["scenarios"]["x"]["series"]["none"]
    assert "seconds" not in series["metrics"]
    assert "time: unknown" in (project.latest / "report.md").read_text()
    result = project("scenarios/x.yaml")
    result.assert_outcomes(passed=3)


def test_a_har_is_replayed_with_its_latencies(
    project: Bench, import_into: Import, tmp_path: Path
) -> None:
    """Without the time in the queue of the browser."""
    path = tmp_path / "it.har"
    _recorded_as_har(path)
    told = import_into(path)
    assert told.exit_code == 0, told.output
    assert "latency known" in told.output
    result = project("scenarios/x.yaml", "--flagbench-accept-baselines")
    result.assert_outcomes(passed=2)
    assert "time: unknown" not in result.stdout.str()
    recorded = sum(call.elapsed_seconds for call in interactions_of(project))
    series = project.summary()["scenarios"]["x"]["series"]["none"]
    assert series["metrics"]["seconds"] == pytest.approx(recorded, abs=1e-5)
    assert 0 < recorded < 30
    wait = json.loads(path.read_text())["log"]["entries"][0]["timings"]["wait"]
    assert interactions_of(project)[0].elapsed_seconds == pytest.approx(wait / 1000, abs=1e-6)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("seconds: '<= 10'", "seconds (target)"),
        ("time_reduction: '>= 1 %'", "time_reduction (target)"),
    ],
)
def test_a_target_on_unknown_time_is_could_not_run(
    project: Bench, import_into: Import, tmp_path: Path, target: str, names: str
) -> None:
    """One error that names the target; with another target broken, the series is BROKEN."""
    _recorded_by_vcrpy(tmp_path / "it.yaml", "yaml")
    import_into(tmp_path / "it.yaml")
    scenario = project.house.path / "scenarios" / "x.yaml"
    text = scenario.read_text()
    scenario.write_text(f"{text}targets: {{all: {{{target}}}}}\n")
    result = project("scenarios/x.yaml", "--flagbench-combination=all")
    result.assert_outcomes(errors=1)
    assert f"COULD NOT RUN\n{names}: the time of this series is unknown" in result.stdout.str()
    scenario.write_text(f"{text}targets: {{all: {{{target}, tokens: '<= 1'}}}}\n")
    result = project("scenarios/x.yaml", "--flagbench-combination=all")
    result.assert_outcomes(failed=1)


def test_a_baseline_with_time_is_could_not_run(
    project: Bench, import_into: Import, tmp_path: Path
) -> None:
    """Until the series is accepted without it."""
    _recorded_by_vcrpy(tmp_path / "it.yaml", "yaml")
    _recorded_as_har(tmp_path / "it.har")
    import_into(tmp_path / "it.har")
    project("scenarios/x.yaml", "--flagbench-accept-baselines").assert_outcomes(passed=2)
    assert "there is a recording already" in error_of(import_into(tmp_path / "it.yaml"))
    assert import_into(tmp_path / "it.yaml", "--yes").exit_code == 0
    result = project("scenarios/x.yaml")
    result.assert_outcomes(errors=2, passed=1)
    assert "seconds (baseline), time_reduction (baseline): the time of this" in result.stdout.str()
    project("scenarios/x.yaml", "--flagbench-accept-baselines").assert_outcomes(passed=2)
    project("scenarios/x.yaml").assert_outcomes(passed=3)


def test_what_if_and_comparisons_leave_unknown_time_out(
    project: Bench, import_into: Import, tmp_path: Path
) -> None:
    """Until a setting gives the answers a time; a rate limit needs one, too."""
    _recorded_by_vcrpy(tmp_path / "it.yaml", "yaml")
    import_into(tmp_path / "it.yaml")
    project("scenarios/x.yaml").assert_outcomes(passed=1, failed=2)
    told = CliRunner().invoke(compare, ["none", "all"])
    assert "seconds: not every recording has its latencies" in told.output
    told = CliRunner().invoke(attribute_, ["x"])
    assert "seconds: not every recording has its latencies" in told.output
    timed = ["provider.tokens_per_second=50", "provider.first_token_seconds=0.3"]
    for settings, seconds, reason in (
        (["provider.speed=2"], None, ""),
        (["rate_limit.rpm=100"], None, "the calls a minute are unknown"),
        (timed, pytest.approx(1, abs=0.9), ""),
        ([*timed, "rate_limit.rpm=100"], pytest.approx(1, abs=0.9), ""),
    ):
        words = [word for setting in settings for word in ("--set", setting)]
        told = CliRunner().invoke(what_if_, ["scenarios/x.yaml", *words, "--json"])
        row, _ = json.loads(told.output)
        assert (row["recorded_seconds"], row["seconds"]) == (None, seconds)
        assert row["reason"].startswith(reason)
        assert bool(row["reason"]) == bool(reason)
    told = CliRunner().invoke(what_if_, ["scenarios/x.yaml", "--sweep", "provider.speed=1,2"])
    assert "n/a" in told.output
