"""The journal keeps what was paid for, wherever its recorder was killed."""

from pathlib import Path

import pytest
from test_cassette import interaction

from flagbench.cassette import journal
from flagbench.cassette.cassette import Cassette
from flagbench.errors import CouldNotRun


@pytest.fixture
def tape(tmp_path: Path) -> Cassette:
    """A tape of three calls, not yet on disk."""
    return Cassette.of(
        tmp_path / "made" / "1.yaml",
        {"model": "m"},
        [
            interaction("one", "def f():\n    return '🎓'\n", headers={"retry-after": ("2",)}),
            interaction("two", "x" * 300, status=429, reason="Too Many Requests"),
            interaction("one", "again", elapsed_seconds=0.000001),
        ],
    )


def test_the_journal_keeps_calls_in_order(tape: Cassette) -> None:
    """Every field comes back."""
    for one in tape.interactions:
        journal.append(tape.path, one)
    assert journal.read(tape.path) == tape.interactions
    assert journal.path_of(tape.path).name == "1.yaml.part"


def test_without_a_journal_nothing_was_kept(tape: Cassette) -> None:
    """Which is no error."""
    assert journal.read(tape.path) == []


def test_a_last_line_that_was_cut_off_is_left_out(tape: Cassette) -> None:
    """Wherever the recorder was killed, the lines before are read."""
    for one in tape.interactions[:2]:
        journal.append(tape.path, one)
    path = journal.path_of(tape.path)
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for length in range(first, len(content) - 1):
        path.write_bytes(content[:length])
        assert journal.read(tape.path) == tape.interactions[:1]


def test_what_is_kept_after_a_cut_off_line_is_not_lost(tape: Cassette) -> None:
    """The next recording adds to the same journal, and may be killed as well."""
    for one in tape.interactions[:2]:
        journal.append(tape.path, one)
    path = journal.path_of(tape.path)
    path.write_bytes(path.read_bytes()[:-20])
    journal.append(tape.path, tape.interactions[2])
    assert journal.read(tape.path) == [tape.interactions[0], tape.interactions[2]]


def test_the_journal_of_a_fresh_recording_says_so(tape: Cassette) -> None:
    """With what it was made for; its answers are those after it began."""
    journal.append(tape.path, tape.interactions[0])
    assert journal.fresh_for(tape.path) is None
    journal.begin_fresh(tape.path, {"model": "m", "settings": {"seed": 3}})
    assert journal.read(tape.path) == []
    for one in tape.interactions[1:]:
        journal.append(tape.path, one)
    assert journal.fresh_for(tape.path) == {"model": "m", "settings": {"seed": 3}}
    assert journal.read(tape.path) == tape.interactions[1:]


@pytest.mark.parametrize("content", [b"", b"\n", b'{"fresh": {"mod', b'{"method": "PO', b"\xff"])
def test_a_journal_without_a_whole_first_line_is_of_no_fresh_recording(
    tape: Cassette, content: bytes
) -> None:
    """It is written whole, so half a line is that of an answer."""
    tape.path.parent.mkdir()
    journal.path_of(tape.path).write_bytes(content)
    assert journal.fresh_for(tape.path) is None
    assert journal.read(tape.path) == []


def test_a_dropped_journal_is_gone(tape: Cassette) -> None:
    """And dropping what is not there is no error."""
    journal.append(tape.path, tape.interactions[0])
    journal.drop(tape.path)
    journal.drop(tape.path)
    assert list(tape.path.parent.iterdir()) == []


def test_a_full_disk_is_told_before_a_fresh_recording_begins(
    tape: Cassette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal that was there is still there."""
    journal.append(tape.path, tape.interactions[0])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "write_whole", full)
    with pytest.raises(CouldNotRun, match=r"1\.yaml\.part: the journal could not be kept \(No sp"):
        journal.begin_fresh(tape.path, {})
    assert journal.read(tape.path) == tape.interactions[:1]
