"""Rows that processes share: what is put while another one writes is kept."""

import sqlite3
import threading
from pathlib import Path

import pytest

from flagbench.checked_rows import CheckedRows


def test_a_row_waits_for_whoever_creates_the_file(tmp_path: Path) -> None:
    """SQLite does not wait by itself for the write-ahead log of a file that is just created."""
    path = tmp_path / "rows.sqlite"
    other = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    other.execute("CREATE TABLE others (text)")
    other.execute("BEGIN")
    other.execute("INSERT INTO others VALUES ('a')")

    def end() -> None:
        other.execute("COMMIT")
        other.close()

    ending = threading.Timer(0.2, end)
    ending.start()
    rows = CheckedRows(path, "proofs")
    rows.put({"key": b"value"})
    ending.join()
    assert rows.everything() == {"key": b"value"}


@pytest.mark.parametrize("place", ["", "x" * 300, f"{'x' * 300}/rows.sqlite", "a file/rows.sqlite"])
def test_a_row_of_a_file_that_cannot_be_used_is_not_kept(tmp_path: Path, place: str) -> None:
    """A folder in its place, or a name too long, is no error of whoever keeps something."""
    (tmp_path / "a file").touch()
    rows = CheckedRows(tmp_path / place, "proofs")
    assert rows.everything() == {}
    rows.put({"key": b"value"})
    assert (rows.everything(), rows.get(["key"])) == ({}, {})


def test_a_look_makes_no_file(tmp_path: Path) -> None:
    """Nor a table: whoever only reads leaves nothing behind."""
    assert CheckedRows(tmp_path / "some" / "rows.sqlite", "proofs").everything() == {}
    assert list(tmp_path.iterdir()) == []
    CheckedRows(tmp_path / "rows.sqlite", "proofs").put({"key": b"value"})
    assert CheckedRows(tmp_path / "rows.sqlite", "others").get(["key"]) == {}
