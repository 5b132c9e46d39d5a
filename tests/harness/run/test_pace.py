"""The waits of a recording, which are real."""

from pathlib import Path

import pytest

from flagbench.cassette.received import Received
from flagbench.run import pace
from flagbench.run.pace import Pace, PacedWire


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The lengths of the waits, none of which takes its time."""
    lengths = list[float]()
    monkeypatch.setattr(pace, "_REAL_SLEEP", (lengths.append,))
    return lengths


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"retry-after": ("90",)}, "waiting 90 s before the next request: the provider refused one "
         "and named a wait of 90 s\n"),
        ({"retry-after": ("3",)}, ""),
    ],
)  # fmt: skip
def test_a_long_wait_is_told(
    slept: list[float],
    capsys: pytest.CaptureFixture[str],
    headers: dict[str, tuple[str, ...]],
    told: str,
) -> None:
    """How long, and for what; a short one is not worth a line."""
    with PacedWire() as wire:
        wire.note(Received(429, headers, b"", 0.1))
        wire.wait(None)
    assert slept == [pytest.approx(float(headers["retry-after"][0]), abs=1)]
    assert capsys.readouterr().err.removeprefix("flagbench: ") == told


def test_a_wait_without_a_length_of_its_own_is_told(
    slept: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """That of the subject, which waited a while on its clock."""
    with PacedWire() as wire:
        wire.note(Received(503, {}, b"", 0.1))
        wire.wait(40.0)
    assert slept == [pytest.approx(40, abs=1)]
    assert "waiting 40 s before the next request: the provider refused one and named no wait\n" in (
        capsys.readouterr().err
    )


def test_a_wait_for_the_pace_is_told(
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Of a limit for all processes together."""
    kept = Pace(tmp_path / "pace", 2)
    left = iter([30.0, 0.0])
    monkeypatch.setattr(kept, "seconds", lambda _: next(left))
    kept.wait()
    assert slept == [30.0]
    assert "flagbench: waiting 30 s for the pace of the recording (--per-minute" in (
        capsys.readouterr().err
    )
