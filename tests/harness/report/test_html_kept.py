"""A page that was made of the same is kept; anything else is written anew."""

from dataclasses import replace
from pathlib import Path

import pytest
from whole_run import run

from harness.report import html
from harness.report.html import page
from harness.report.html.parts import Answers, Further
from harness.report.run_report import RunReport
from harness.report.unused import Unused

NOTHING_UNUSED = Unused({})


class Drawn:
    """Counts how often parts were worked out."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Further:
        """Nothing, counted."""
        self.times += 1
        return Further()


@pytest.fixture
def drawn() -> Drawn:
    """Not worked out yet."""
    return Drawn()


def write(report: RunReport, folder: Path, drawn: Drawn, *made_of: str) -> bytes:
    """Write the page and read it."""
    html.write(report, NOTHING_UNUSED, folder, Answers(further=drawn, made_of=made_of))
    return (folder / "report.html").read_bytes()


def test_the_same_is_drawn_once(tmp_path: Path, drawn: Drawn) -> None:
    """What a run cost on this machine is no difference, for the page does not say it."""
    first = write(run(), tmp_path, drawn)
    same = run(cpu_seconds=9.0, proving={"made": 0, "kept": 9, "seconds": 1.0})
    assert write(same, tmp_path, drawn) == first
    assert drawn.times == 1


@pytest.mark.parametrize(
    "changed",
    [
        replace(run(), interrupted=True),
        run(title="Another"),
        run(walls="a wall"),
        run(why=[("a call more", "")]),
        run(timeline=()),
    ],
    ids=["interrupted", "title", "walls", "why", "timeline"],
)
def test_another_run_is_drawn(tmp_path: Path, drawn: Drawn, changed: RunReport) -> None:
    """Whatever of it is another."""
    write(run(), tmp_path, drawn)
    write(changed, tmp_path, drawn)
    assert drawn.times == 2


def test_other_cells_sources_or_unused_recordings_are_drawn(tmp_path: Path, drawn: Drawn) -> None:
    """They are not among the values of a series."""
    write(run(), tmp_path, drawn)
    other = run()
    other.series[0].cells[0]["warnings"] = ["hot"]
    write(other, tmp_path, drawn)
    write(other, tmp_path, drawn, "a line of history")
    answers = Answers(further=drawn, made_of=("a line of history",))
    html.write(other, Unused({"c.yaml": (1,)}), tmp_path, answers)
    assert drawn.times == 4


def test_a_page_that_was_changed_or_cut_is_written_anew(tmp_path: Path, drawn: Drawn) -> None:
    """By an editor, or by a disk that was full."""
    first = write(run(), tmp_path, drawn)
    for spoilt in (first.replace(b"KEPT", b"GOOD"), first[:-9], first + b"\n", b""):
        (tmp_path / "report.html").write_bytes(spoilt)
        assert write(run(), tmp_path, drawn) == first
    assert drawn.times == 5


def test_another_program_or_library_draws_anew(
    tmp_path: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture may look otherwise with another version."""
    write(run(), tmp_path, drawn)
    versions = page.provenance.versions()
    other = replace(versions, rows=[*versions.rows[:-1], ("matplotlib", "0.1")])
    monkeypatch.setattr(page.provenance, "versions", lambda: other)
    write(run(), tmp_path, drawn)
    room = tmp_path / "program"
    room.mkdir()
    (room / "one.py").write_text("x = 1\n")
    monkeypatch.setattr("harness.report.html.kept._ROOM", room)
    write(run(), tmp_path, drawn)
    (room / "one.py").write_text("x = 2\n")
    write(run(), tmp_path, drawn)
    assert drawn.times == 4
