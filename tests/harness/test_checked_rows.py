"""Rows that processes share: what is put while another one writes is kept."""

import sqlite3
import threading
from pathlib import Path

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


def test_a_row_of_a_file_that_cannot_be_used_is_not_kept(tmp_path: Path) -> None:
    """A folder in its place is no error of whoever keeps something."""
    rows = CheckedRows(tmp_path, "proofs")
    rows.put({"key": b"value"})
    assert rows.everything() == {}
