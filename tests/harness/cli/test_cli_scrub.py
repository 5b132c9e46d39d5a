"""`flagbench scrub` on cassettes and journals that hold secrets."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from flagbench.cassette import file, journal
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cli.scrub import scrub_

TOKEN = "ghp_" + "q7Rt2Wm9Zk4Xv8Bn3Hs6Jd5Lp1Gf0CyTeUaM"
OWN = "blue-horse-battery"


def _call(prompt: str, answer: str) -> Interaction:
    return Interaction(
        "POST", "/v1/chat/completions", f'{{"prompt":"{prompt}"}}'.encode(), 200, "OK",
        {"content-type": ("application/json",)}, f'{{"text":"{answer}"}}'.encode(), 0.25,
    )  # fmt: skip


def test_secrets_leave_cassette_and_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check changes nothing and exits with 1; then order and latency stay, and it is clean."""
    monkeypatch.setenv("SOME_TOKEN", OWN)
    path = tmp_path / "1.yaml"
    calls = [_call("a", "b"), _call(f"my {TOKEN}", "c"), _call("d", f"your {OWN}")]
    file.save(Cassette.of(path, {"provider": "x"}, calls))
    journal.append(path, calls[2])
    before = path.read_bytes(), journal.path_of(path).read_bytes()
    told = CliRunner().invoke(scrub_, [str(tmp_path), "--check"])
    assert told.exit_code == 1
    assert (path.read_bytes(), journal.path_of(path).read_bytes()) == before
    assert "GitHub token in request: 1 to replace" in told.output
    assert "2 files: 2 would change" in told.output
    told = CliRunner().invoke(scrub_, [str(tmp_path)])
    assert told.exit_code == 0
    assert "the key of 1 requests changed" in told.output
    assert TOKEN not in told.output
    assert OWN not in told.output
    cleaned = file.load(path, record_command="").interactions
    expected = [_call("a", "b"), _call("my scrubbed", "c"), _call("d", "your scrubbed")]
    assert cleaned == expected
    assert journal.read(path) == expected[2:]
    assert CliRunner().invoke(scrub_, [str(tmp_path), "--check"]).exit_code == 0


def test_a_secret_leaves_the_path(tmp_path: Path) -> None:
    """Earlier versions stored a path as it was."""
    path = tmp_path / "1.yaml"
    call = replace(_call("a", "b"), path=f"/v1/tenants/{TOKEN}/chat/completions")
    file.save(Cassette.of(path, {"provider": "x"}, [call]))
    told = CliRunner().invoke(scrub_, [str(tmp_path)])
    assert "GitHub token in path: 1 replaced" in told.output
    assert "the key of 1 requests changed" in told.output
    assert TOKEN not in path.read_text(encoding="utf-8")
