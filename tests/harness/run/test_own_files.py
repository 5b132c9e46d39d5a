"""A subject writes into its folder and ends its cell alone, not the process or a project."""

import os
from pathlib import Path

import pytest
from replay import Replay, Stopped

OUTSIDE = {
    "open": "open('out.txt', 'w')",
    "append": "open('out.txt', 'a')",
    "os.open": "os.open('out.txt', os.O_CREAT | os.O_WRONLY)",
    "pathlib": "pathlib.Path('out.txt').write_bytes(b'x')",
    "folder": "os.makedirs('out.txt')",
    "database": "sqlite3.connect('out.txt')",
    "database by its address": "sqlite3.connect('file:out.txt', uri=True)",
    "a folder's descriptor": "os.mkdir('out.txt', dir_fd=os.open('.', os.O_RDONLY))",
    "link": "os.symlink('/dev/null', 'out.txt')",
    "home": "open(os.path.expanduser('~/out.txt'), 'w')",
}
INSIDE = """
import pathlib, sqlite3, sys
(workdir / "a.txt").write_text("a")
os.rename(workdir / "a.txt", workdir / "b.txt")
sqlite3.connect(workdir / "a.db").close()
sqlite3.connect(":memory:").close()
tempfile.NamedTemporaryFile().write(b"a")
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "inner").mkdir()
    pathlib.Path(folder, "inner", "a.txt").write_text("a")
sqlite3.connect("there.db").execute("select 1")
sqlite3.connect("file:there.db?mode=ro", uri=True).execute("select 1")
open(os.devnull, "w").write("a")
open(__file__).read()
cache = pathlib.Path.home() / ".cache" / "library"
cache.mkdir(parents=True)
(cache / "index.json").write_text("{}")
os.kill(os.getpid(), 0)
if not (child := os.fork()):
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
return Made([], {})
"""
HEAD = "import os, pathlib, signal, sqlite3, tempfile\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run, which may lie in the folder of temporary files."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.mark.parametrize("line", OUTSIDE.values(), ids=OUTSIDE)
def test_a_write_outside_ends_the_cell(
    stopped: Stopped, project: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whatever name the file is opened; nothing is written."""
    told = stopped(f"{HEAD}{line}\nreturn Made([], {{}})")
    assert "the subject wrote outside its folder: " in told
    assert "    fix: take `workdir` as an argument" in told
    assert list(project.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute('create table t (a)')",
        "connection.execute('pragma journal_mode = wal'); connection.execute('create table t (a)')",
        "connection.execute('create table t (a)'); connection.commit(); connection.close()",
    ],
    ids=["open", "log of writes", "closed"],
)
def test_a_write_into_a_database_of_the_project_ends_the_cell(
    stopped: Stopped, project: Path, line: str
) -> None:
    """A connection alone says nothing; that it was changed is seen at the end."""
    (project / "there.db").touch()
    told = stopped(f"{HEAD}connection = sqlite3.connect('there.db')\n{line}\nreturn Made([], {{}})")
    assert "the subject wrote outside its folder: " in told
    assert "there.db" in told


@pytest.mark.parametrize(
    "line",
    [
        "os.chmod(cache.parent.parent, 0o700)",
        "os.rename(cache.parent, cache.parent.with_name('other'))",
        "open(cache.parent.parent / 'out.txt', 'w')",
    ],
    ids=["chmod", "rename", "file"],
)
def test_a_folder_above_a_cache_is_made_and_not_changed(
    stopped: Stopped, project: Path, line: str
) -> None:
    """Only the cache itself is the subject's."""
    (project / ".cache" / "library").mkdir(parents=True)
    head = f"{HEAD}cache = pathlib.Path.home() / '.cache' / 'library'\n"
    assert "the subject wrote outside its folder: " in stopped(f"{head}{line}")


def test_its_folder_temporary_files_devices_and_caches_are_its_own(
    replay: Replay, project: Path
) -> None:
    """Reading is free, and a forked process ends as it likes."""
    (project / "there.db").touch()
    replay(HEAD + INSIDE)
    assert sorted(path.name for path in project.iterdir()) == [".cache", "there.db"]


@pytest.mark.parametrize(
    "line",
    [
        "os._exit(0)",
        "os.abort()",
        "os.kill(os.getpid(), signal.SIGCHLD)",
        "os.killpg(os.getpgrp(), signal.SIGCHLD)",
        "os.kill(-os.getpgrp(), signal.SIGCHLD)",
        "os.kill(os.getppid(), signal.SIGCHLD)",
    ],
)
def test_an_end_of_the_process_ends_the_cell(stopped: Stopped, line: str) -> None:
    """And what it did is named."""
    ends = os._exit, os.abort
    told = stopped(f"{HEAD}{line}")
    name = line.partition("(")[0]
    assert f"the subject ended the process with {name}(" in told
    assert (os._exit, os.abort) == ends
