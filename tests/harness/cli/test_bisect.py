"""The search for a commit, in a repository of a project with a generator of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from flagbench.cli.bisect import bisect
from flagbench.errors import CouldNotRun, InputError

SCENARIO = """title: A file without calls
about: The generator writes one file.
subject: mine.write
trials: 1
requests: [a]
factors: {}
"""
PROJECT = '[tool.pytest.ini_options]\npythonpath = ["src"]\nflagbench_scenarios = ["scenarios"]\n'


def generator(text: str) -> str:
    """The code of a generator that writes a text, a second a letter."""
    return f"""import time

def write(requests, workdir):
    time.sleep({len(text)})
    (workdir / "a.txt").write_text({text!r})
"""


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], Path]:
    """What makes a repository with a project in a folder, a commit for each text."""

    def make(texts: list[str]) -> Path:
        folder = tmp_path / "a repository/tools"
        (folder / "src").mkdir(parents=True)
        (folder / "scenarios").mkdir()
        (folder / "scenarios/s.yaml").write_text(SCENARIO)
        (folder / "pyproject.toml").write_text(PROJECT)
        git(folder.parent, "init", "-q", "-b", "main")
        monkeypatch.chdir(folder)
        for number, text in enumerate(texts, start=1):
            code = generator(text) if text else "def write(:"
            (folder / "src/mine.py").write_text(f"# {number}\n{code}")
            if number == 1:
                flagbench("record", "scenarios")
                flagbench("run", "scenarios", "--accept-baselines")
            git(folder, "add", "src", "scenarios", "baselines", "cassettes", "pyproject.toml")
            git(folder, "commit", "-q", "-m", f"Commit {number}")
        return folder

    return make


def flagbench(*arguments: str) -> None:
    """Run a command of flagbench, which must succeed."""
    code = "from flagbench.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)


def bisected(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    result = CliRunner().invoke(bisect, ["scenarios/s.yaml", *arguments], catch_exceptions=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_the_commit_is_found_and_its_causes_are_shown(
    project: Callable[[list[str]], Path],
) -> None:
    """Commits that could not run are skipped; the repository stays as it was."""
    folder = project(["old", "", "old", "newer"])
    (folder / "src/mine.py").write_text("# not committed")
    code, said = bisected("--good", "HEAD~3")
    assert code == 0
    assert "Ana: Commit 4\nis the first commit that is broken:" in said
    causes = said.split("is the first commit")[1]
    assert "a.txt" in causes
    assert "-old" in causes
    assert "+newer" in causes
    assert (folder / "src/mine.py").read_text() == "# not committed"
    assert git(folder, "worktree", "list").count("\n") == 0
    assert git(folder, "status", "--porcelain", "--untracked-files=no") == "M tools/src/mine.py"
    assert not [name for name in git(folder, "for-each-ref").splitlines() if "bisect" in name]


@pytest.mark.thorough
def test_a_commit_that_skipped_ones_hide_is_one_of_several(
    project: Callable[[list[str]], Path],
) -> None:
    """All that is left is listed, and the exit code says that nothing was decided."""
    project(["old", "", "newer"])
    code, said = bisected("--good", "HEAD~2")
    assert code == 3
    left = said.split("the first is one of:")[1]
    assert "Commit 2" in left
    assert "Commit 3" in left


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [(("--good", "HEAD", "--bad", "HEAD~1"), CouldNotRun, "is not kept"),
     (("--good", "HEAD~1", "--bad", "HEAD~1"), InputError, "all is kept at"),
     (("--good", "HEAD~9"), InputError, "'HEAD~9' is not a commit")],
)  # fmt: skip
def test_ends_that_are_no_search(
    project: Callable[[list[str]], Path],
    arguments: tuple[str, ...],
    error: type[Exception],
    told: str,
) -> None:
    """Each is one clear error."""
    project(["old", "newer"])
    with pytest.raises(error, match=re.escape(told)):
        bisected(*arguments)


@pytest.mark.thorough
def test_a_good_commit_after_the_bad_one_is_one_clear_error(
    project: Callable[[list[str]], Path],
) -> None:
    """git says why it cannot go on, in English whatever the locale; no worktree is left."""
    folder = project(["old", "newer"])
    git(folder, "checkout", "-q", "-b", "side")
    (folder / "src/mine.py").write_text(f"# again\n{generator('old')}")
    git(folder, "commit", "-q", "-a", "-m", "Old again")
    with pytest.raises(CouldNotRun, match=r"git cannot go on: .* not ancestors"):
        bisected("--good", "side", "--bad", "main")
    assert git(folder, "worktree", "list").count("\n") == 0


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_signal_leaves_no_worktree(
    project: Callable[[list[str]], Path],
) -> None:
    """SIGTERM ends the search and what it has started, as Ctrl-C does."""
    folder = project([])
    ending = f"import os\nos.kill({os.getpid()}, {int(signal.SIGTERM)})\n"
    (folder / "conftest.py").write_text(ending)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "One that ends the search")
    handler = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        code, said = bisected("--good", "HEAD")
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert code == 1
    assert "is the first commit" not in said
    assert git(folder, "worktree", "list").count("\n") == 0


@pytest.mark.thorough
def test_a_commit_without_the_project_is_skipped(project: Callable[[list[str]], Path]) -> None:
    """As when its folder was moved away and back."""
    folder = project(["old", "old", "newer"])
    git(folder, "checkout", "-q", "HEAD~1")
    git(folder.parent, "mv", "tools", "moved")
    git(folder.parent, "commit", "-q", "-m", "Moved")
    git(folder.parent, "mv", "moved", "tools")
    os.chdir(folder)
    (folder / "src/mine.py").write_text(f"# 3\n{generator('newer')}")
    git(folder, "add", "src")
    git(folder, "commit", "-q", "-m", "Back, and newer")
    code, said = bisected("--good", "HEAD~3")
    assert code == 3
    assert "Moved" in said
