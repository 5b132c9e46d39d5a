"""The journal keeps what was paid for, wherever its recorder was killed."""

from pathlib import Path

import pytest
from interactions import interaction

from flagbench.cassette import journal
from flagbench.cassette.cassette import Cassette
from flagbench.errors import CouldNotRun


@pytest.fixture
def cassette(tmp_path: Path) -> Cassette:
    """A cassette of three calls, not yet on disk."""
    return Cassette.of(
        tmp_path / "made" / "1.yaml",
        {"model": "m"},
        [
            interaction("one", "def f():\n    return '🎓'\n", headers={"retry-after": ("2",)}),
            interaction("two", "x" * 300, status=429, reason="Too Many Requests"),
            interaction("one", "again", elapsed_seconds=0.000001),
        ],
    )


def test_the_journal_keeps_calls_in_order(cassette: Cassette) -> None:
    """Every field comes back."""
    for one in cassette.interactions:
        journal.append(cassette.path, one)
    assert journal.read(cassette.path) == cassette.interactions
    assert journal.path_of(cassette.path).name == "1.yaml.part"


def test_without_a_journal_nothing_was_kept(cassette: Cassette) -> None:
    """Which is no error."""
    assert journal.read(cassette.path) == []


def test_a_last_line_that_was_cut_off_is_left_out(cassette: Cassette) -> None:
    """Wherever the recorder was killed, the lines before are read."""
    for one in cassette.interactions[:2]:
        journal.append(cassette.path, one)
    path = journal.path_of(cassette.path)
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for length in range(first, len(content) - 1):
        path.write_bytes(content[:length])
        assert journal.read(cassette.path) == cassette.interactions[:1]


def test_what_is_kept_after_a_cut_off_line_is_not_lost(cassette: Cassette) -> None:
    """The next recording adds to the same journal, and may be killed as well."""
    for one in cassette.interactions[:2]:
        journal.append(cassette.path, one)
    path = journal.path_of(cassette.path)
    path.write_bytes(path.read_bytes()[:-20])
    journal.append(cassette.path, cassette.interactions[2])
    assert journal.read(cassette.path) == [cassette.interactions[0], cassette.interactions[2]]


def test_the_journal_of_a_fresh_recording_says_so(cassette: Cassette) -> None:
    """With what it was made for; its answers are those after it began."""
    journal.append(cassette.path, cassette.interactions[0])
    assert journal.fresh_metadata(cassette.path) is None
    journal.begin_fresh(cassette.path, {"model": "m", "settings": {"seed": 3}})
    assert journal.read(cassette.path) == []
    for one in cassette.interactions[1:]:
        journal.append(cassette.path, one)
    assert journal.fresh_metadata(cassette.path) == {"model": "m", "settings": {"seed": 3}}
    assert journal.read(cassette.path) == cassette.interactions[1:]


@pytest.mark.parametrize("content", [b"", b"\n", b'{"fresh": {"mod', b'{"method": "PO', b"\xff"])
def test_a_journal_without_a_whole_first_line_is_of_no_fresh_recording(
    cassette: Cassette, content: bytes
) -> None:
    """It is written whole, so half a line is that of an answer."""
    cassette.path.parent.mkdir()
    journal.path_of(cassette.path).write_bytes(content)
    assert journal.fresh_metadata(cassette.path) is None
    assert journal.read(cassette.path) == []


def test_a_dropped_journal_is_gone(cassette: Cassette) -> None:
    """And dropping what is not there is no error."""
    journal.append(cassette.path, cassette.interactions[0])
    journal.drop(cassette.path)
    journal.drop(cassette.path)
    assert list(cassette.path.parent.iterdir()) == []


def test_a_full_disk_is_told_before_a_fresh_recording_begins(
    cassette: Cassette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal that was there is still there."""
    journal.append(cassette.path, cassette.interactions[0])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "write_whole", full)
    with pytest.raises(
        CouldNotRun, match=r"1\.yaml\.part: the journal could not be written \(No sp"
    ):
        journal.begin_fresh(cassette.path, {})
    assert journal.read(cassette.path) == cassette.interactions[:1]


def test_a_damaged_byte_damages_its_line_only(cassette: Cassette) -> None:
    """Whichever byte it is: the line is named, its answer dropped, and the others stay."""
    for one in cassette.interactions:
        journal.append(cassette.path, one)
    path = journal.path_of(cassette.path)
    content = path.read_bytes()
    first, second = content.index(b"\n"), content.index(b"\n", content.index(b"\n") + 1)
    for place in range(first + 1, second, 7):
        for flipped in (content[place] ^ 1, content[place] ^ 64):
            path.write_bytes(content[:place] + bytes([flipped]) + content[place + 1 :])
            if flipped == ord("\n"):
                continue
            assert journal.damaged_lines(cassette.path) == [2]
            assert journal.read(cassette.path) == cassette.interactions[::2]
    path.write_bytes(content)
    assert journal.damaged_lines(cassette.path) == []


@pytest.mark.parametrize(
    "line",
    [
        b"5", b"null", b"[]", b'"x"', b"{}", b'{"digest": 1}', b'{"request_body": "%%"}', b"\xff",
        b"{", b'{"fresh": {"model": "other"}}', b"[" * 100_000,
    ],
    ids=lambda line: repr(line[:20]),
)  # fmt: skip
def test_a_line_of_anything_is_damaged(cassette: Cassette, line: bytes) -> None:
    """No traceback, whatever stands there."""
    journal.append(cassette.path, cassette.interactions[0])
    path = journal.path_of(cassette.path)
    path.write_bytes(path.read_bytes() + line + b"\n")
    journal.append(cassette.path, cassette.interactions[1])
    assert journal.damaged_lines(cassette.path) == [2]
    assert journal.read(cassette.path) == cassette.interactions[:2]
    assert not journal.is_of_unknown_kind(cassette.path)


def test_a_damaged_first_line_leaves_open_what_the_recording_was(cassette: Cassette) -> None:
    """The answers of a fresh recording must not be added to the old cassette's."""
    journal.begin_fresh(cassette.path, {"model": "m"})
    journal.append(cassette.path, cassette.interactions[0])
    assert not journal.is_of_unknown_kind(cassette.path)
    path = journal.path_of(cassette.path)
    path.write_bytes(path.read_bytes().replace(b'"m"', b'"n"', 1))
    assert journal.is_of_unknown_kind(cassette.path)


def test_a_folder_in_the_place_of_a_journal_is_an_error(cassette: Cassette) -> None:
    """With its path."""
    journal.path_of(cassette.path).mkdir(parents=True)
    with pytest.raises(CouldNotRun, match=r"1\.yaml\.part: the journal cannot be read"):
        journal.read(cassette.path)


def test_an_answer_is_on_the_disk_before_the_next_request(
    cassette: Cassette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole, when it is synchronised: a machine that stops loses none that was paid."""
    on_disk: list[bytes] = []
    path = journal.path_of(cassette.path)
    monkeypatch.setattr(journal.os, "fsync", lambda _: on_disk.append(path.read_bytes()))
    for number, one in enumerate(cassette.interactions, 1):
        journal.append(cassette.path, one)
        assert on_disk[-1] == path.read_bytes()
        assert len(on_disk) == on_disk[-1].count(b"\n") == number
