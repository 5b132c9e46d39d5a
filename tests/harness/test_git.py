"""What git tells of the commit that is checked out."""

import subprocess
from pathlib import Path

import pytest

from flagbench import git


def test_a_commit_is_told_and_whether_files_differ_from_it(tmp_path: Path) -> None:
    """A tag of the user's changes nothing, nor does a file that git does not track."""

    def run(*words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        command = ["git", *who, *words]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    run("init", "-q")
    (tmp_path / "a").write_text("1")
    run("add", "a")
    run("commit", "-qm", "one")
    run("tag", "-a", "v1", "-m", "v1")
    (tmp_path / "b").write_text("1")
    assert git.describe(tmp_path) == run("rev-parse", "HEAD")[:12]
    (tmp_path / "a").write_text("2")
    assert git.describe(tmp_path) == f"{run('rev-parse', 'HEAD')[:12]}-dirty"


def test_without_a_repository_there_is_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said in git's words."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(LookupError, match="not a git repository"):
        git.describe(tmp_path)
