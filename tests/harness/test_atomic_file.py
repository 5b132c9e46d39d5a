"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from flagbench.atomic_file import write_whole


def test_folders_are_made_and_text_is_utf8(tmp_path: Path) -> None:
    """The file is readable by others, and nothing else is left beside it."""
    path = tmp_path / "a b" / "é" / "file.txt"
    write_whole(path, "größer\n")
    assert path.read_bytes() == "größer\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_bytes_stay_bytes(tmp_path: Path) -> None:
    """No newline is translated."""
    write_whole(tmp_path / "f", b"\r\n\x00\xff")
    assert (tmp_path / "f").read_bytes() == b"\r\n\x00\xff"


def test_parts_are_written_one_by_one(tmp_path: Path) -> None:
    """Text and bytes, of a generator; one that fails leaves nothing."""
    write_whole(tmp_path / "f", (part for part in ("ä", b"\xff", "\ud83d")))
    assert (tmp_path / "f").read_bytes() == b"\xc3\xa4\xff\\ud83d"
    with pytest.raises(ZeroDivisionError):
        write_whole(tmp_path / "g", (str(1 / number) for number in (1, 0)))
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_content_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """A full disk or Ctrl-C between writing and renaming."""
    path = tmp_path / "file.txt"
    write_whole(path, "old")

    def fail(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
