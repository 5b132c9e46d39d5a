"""Commands of the project, run in a fresh process whose surroundings are the same everywhere."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flagbench.errors import CouldNotRun, ExitCode, InputError, Problem

# In a marked command, the folder to write to.
OUT = "{out}"
_ASSIGNMENT = re.compile(r"([A-Z_][A-Z0-9_]*)=(.*)\Z", re.DOTALL)
_FLAGBENCH = ("-c", "from flagbench.cli.main import main; main()")
_REPLAY_OPTIONS = (
    "--combination", "--provider", "--model", "--trials", "--cassettes", "--baselines",
)  # fmt: skip
_COULD_NOT_RUN = (ExitCode.WRONG_INPUT, ExitCode.COULD_NOT_RUN)


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was run: what it printed, and its exit code."""

    output: str
    code: int


def run(command: str, root: Path, out: Path) -> Done:
    """Run commands that are joined by `&&` at the root of a project; `{out}` becomes `out`.

    `flagbench` and `python` are those of this environment. Raises `InputError` for a text that no
    shell could read, and `CouldNotRun`, with the end of what it said, for a command that cannot be
    started, or that could not run.
    """
    done = Done("", 0)
    for part in command.split("&&"):
        done = _run(part.strip().replace(OUT, shlex.quote(str(out))), root)
    return done


def replay(command: str, root: Path, out: Path) -> Done:
    """Run the `flagbench run` that a report states, with its reports in `out`.

    Raises as `run` does, and as `words_of_run`.
    """
    return _run(shlex.join([*words_of_run(command), "--reports", str(out)]), root)


def words_of_run(command: str) -> list[str]:
    """The words of the `flagbench run` that a report states.

    Raises `InputError` for any other command: a report may come from anywhere, and be damaged.
    """
    words = _words(command)
    options = [word.partition("=")[0] for word in words[2:] if word.startswith("-")]
    if words[:2] != ["flagbench", "run"] or not set(options) <= set(_REPLAY_OPTIONS):
        expected = f"flagbench run SCENARIOS, and {', '.join(_REPLAY_OPTIONS)}"
        fix = "run it again, or take the report from where it was made"
        raise InputError(Problem("not the command of a run", command, expected, fix))
    return words


def _words(command: str) -> list[str]:
    """The words of a command; none of one that no shell could read."""
    try:
        return [] if "\0" in command else shlex.split(command)
    except ValueError:  # a quote without its end
        return []


def _run(command: str, root: Path) -> Done:
    words, added = _words(command), dict[str, str]()
    if not words:
        expected = "a command as a shell reads it, each quote with its end"
        raise InputError(Problem("not a command", command, expected))
    while words and (match := _ASSIGNMENT.match(words[0])):
        added[match[1]] = match[2]
        del words[0]
    if words[:2] == ["flagbench", "run"]:  # known cells would be compared with themselves
        words.insert(2, "--fresh")
    if words[:1] == ["flagbench"]:
        words = [sys.executable, *_FLAGBENCH, *words[1:]]
    elif words[:1] == ["python"]:
        words[0] = sys.executable
    try:
        ended = subprocess.run(  # noqa: S603  a command of the project's own documents
            words, cwd=root, env=_environment(added), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    except (OSError, IndexError) as error:
        raise CouldNotRun(Problem(f"the command cannot be started: {error}", command)) from error
    if ended.returncode in _COULD_NOT_RUN or ended.returncode < 0:
        said = (ended.stderr.strip() or ended.stdout.strip()).splitlines()[-6:]
        what = f"the command ended with {ended.returncode}: " + "\n    ".join(said)
        raise CouldNotRun(Problem(what, command))
    return Done(ended.stdout, ended.returncode)


def _environment(added: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of this process, without what changes a text, and with those of the command."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTEST_")
        and name not in ("COLUMNS", "FORCE_COLOR", "PYTHONWARNINGS")
    }
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return {**bare, "PATH": path, "NO_COLOR": "1", "PYTHONUTF8": "1", **added}
