"""A place that cannot be written is an error before any work, and a good one stays as it was."""

import errno
import tempfile
from pathlib import Path

import pytest

from flagbench import writable
from flagbench.errors import CouldNotRun, FlagbenchError, InputError


def test_a_place_that_can_be_written_is_not_made(tmp_path: Path) -> None:
    """Neither the folder nor the file."""
    writable.check_folder(tmp_path / "a/b", "--out")
    writable.check_file(tmp_path / "a/b/c.json", "--out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "what"),
    [("file/a/b.json", "file is a file"), ("folder", "folder is a folder")],
)
def test_a_place_of_another_kind(tmp_path: Path, name: str, what: str) -> None:
    """Also above the folder that is named."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as error:
        writable.check_file(tmp_path / name, "--out")
    (problem,) = error.value.problems
    assert (problem.what, problem.where) == (f"{tmp_path}/{what}", f"--out {tmp_path / name}")
    assert problem.fix == "name another with --out"


def test_a_file_that_gets_further_lines_keeps_those_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes none is refused."""
    path = tmp_path / "a.jsonl"
    path.write_text("1\n")
    writable.check_appended(path, "--history")
    assert path.read_text() == "1\n"

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CouldNotRun, match=r"\(permission denied\)"):
        writable.check_appended(path, "--history")


def test_what_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, a file system that is read only."""

    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(FlagbenchError, match=r"\(read-only file system\)") as error:
        writable.check_folder(tmp_path / "a", "--into")
    assert isinstance(error.value, CouldNotRun)
