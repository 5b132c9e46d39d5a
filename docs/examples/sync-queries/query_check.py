"""What a query must find in a small library. It knows nothing of the generator."""

import sqlite3
from pathlib import Path


def judge(artifact, spec):
    """Accept a query that finds the rows of `spec`, in any order."""
    database = sqlite3.connect(":memory:")
    database.executescript(Path("library.sql").read_text(encoding="utf-8"))
    try:
        found = sorted(map(list, database.execute(artifact.text)))
    except sqlite3.Error as error:
        return f"SQLite says: {error}"
    expected = sorted(spec[artifact.path])
    assert found == expected, f"found {found}; expected: {expected}"
    return None
