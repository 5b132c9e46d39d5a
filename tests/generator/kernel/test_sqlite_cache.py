"""The store under the caches: opened by many processes at once."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from scripted import Heard

from flagbench_generators.kernel import sqlite_file
from flagbench_generators.kernel.sqlite_cache import Codec, SqliteCache

PLAIN: Codec[str] = Codec(str, str)


def opened(path: Path) -> SqliteCache[str]:
    """A store over a file."""
    return SqliteCache(path, "answers", "v1", PLAIN)


def test_a_new_file_that_another_process_holds_is_waited_for(tmp_path: Path) -> None:
    """Before there is a log or a table of ours in it."""
    path = tmp_path / "a.db"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("CREATE TABLE other (x)")
    holder.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.3, holder.execute, ["COMMIT"])
    release.start()
    heard = Heard()
    opened(path).put("key", "text", heard.trace())
    release.join()
    holder.close()
    assert [event.name for event in heard] == ["cache_write"]


def test_a_file_that_is_held_for_ever_costs_hits_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and nothing is raised."""
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "a.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE other (x)")
    holder.execute("BEGIN EXCLUSIVE")
    heard = Heard()
    opened(path).put("key", "text", heard.trace())
    holder.close()
    assert [event.name for event in heard] == ["cache_unavailable"]


def test_a_damaged_file_that_cannot_be_removed_costs_hits_alone(tmp_path: Path) -> None:
    """It is reported as damaged and unavailable. A folder in the way stops the superuser, too."""
    path = tmp_path / "a.db"
    path.write_bytes(b"not a database" * 1000)
    (tmp_path / "a.db-shm").mkdir()
    heard = Heard()
    opened(path).put("key", "text", heard.trace())
    assert [event.name for event in heard] == ["cache_corrupt", "cache_unavailable"]


OPENER = """
import sys
from pathlib import Path
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.sqlite_cache import Codec, SqliteCache
told = []
cache = SqliteCache(Path(sys.argv[1]), "answers", "v1", Codec(str, str))
cache.put(sys.argv[2], "text", Trace("r", lambda event: told.append(event.name)))
assert told == ["cache_write"], told
"""


def test_four_processes_make_the_file_at_once(tmp_path: Path) -> None:
    """Each keeps its entry."""
    path = tmp_path / "a.db"
    command = [sys.executable, "-c", OPENER, str(path)]
    started = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    assert [process.wait(timeout=PATIENCE_SECONDS) for process in started] == [0] * 4
    heard = Heard()
    assert [opened(path).get(str(number), heard.trace()) for number in range(4)] == ["text"] * 4
