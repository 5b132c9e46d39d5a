"""Own checks in a child: a command with its exit code and output, or a function of the project."""

import importlib
import importlib.util
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWER = f"{__name__}:answer"
WARM = f"{__name__}:warm"
# The variable that names the artifact to a command.
FILE_VARIABLE = "FLAGBENCH_FILE"
_TAIL_BYTES = 8192
_PART_BYTES = 65536


@dataclass(frozen=True, slots=True)
class JudgedArtifact:
    """The artifact that a judge gets: its path in the current folder, its text, and all files."""

    kind: str
    path: str
    text: str
    files: Mapping[str, str]


def warm() -> None:
    """List all folders of modules: a child may read a judge's module, but not the folder around."""
    importlib.util.find_spec("flagbench_module_that_does_not_exist")


def answer() -> Callable[[dict[str, Any]], Any]:
    """The commands `run` and `judge`."""
    commands: Mapping[str, Callable[..., Any]] = {"run": _run, "judge": _judge}
    return lambda command: commands[command.pop("do")](**command)


def _obstacle(what: str, fix: str) -> dict[str, Any]:
    return {"obstacle": what, "fix": fix}


def _link(links: Mapping[str, str]) -> dict[str, Any] | None:
    """Link what the check reads beside the artifact; the obstacle where a name is taken."""
    for path, target in links.items():
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).symlink_to(target)
        except (FileExistsError, NotADirectoryError):
            what = f"{path} is a file of the artifact, too"
            return _obstacle(what, "give what the check `reads` another name")
    return None


def _run(
    arguments: Sequence[str], links: Mapping[str, str], search: str, file: str, output_bytes: int
) -> dict[str, Any]:
    """Run a command: its exit code and the end of its output, or the reason why it cannot run."""
    if taken := _link(links):
        return taken
    environment = {**os.environ, "PATH": search, FILE_VARIABLE: file}
    try:
        process = subprocess.Popen(  # noqa: S603  the scenario's command, in the sandbox
            list(arguments), env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        what = f"{arguments[0]} cannot be run in the sandbox: {error.strerror}"
        fix = "declare it under `reads` with what it loads, and make it executable"
        return _obstacle(what, fix)
    assert process.stdout is not None  # noqa: S101  a pipe
    tail, count = b"", 0
    while part := os.read(process.stdout.fileno(), _PART_BYTES):
        tail, count = (tail + part)[-_TAIL_BYTES:], count + len(part)
        if count > output_bytes:
            what = f"it printed more than {output_bytes} bytes"
            return _obstacle(what, "let it print less, by an option such as --quiet")
    return {"exit_code": process.wait(), "output": tail.decode("utf-8", "replace")}


def _judge(
    function: str, kind: str, path: str, files: Mapping[str, str], spec: Any,
    links: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Call the judge: the message of a refusal, "" for none, or the reason why it cannot judge.

    A judge refuses by an `AssertionError`, or by returning a message or False.
    """
    if taken := _link(links):
        return taken
    module, _, name = function.rpartition(".")
    try:
        judge = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:
        what = f"the judge {function} cannot be loaded: {type(error).__name__}: {error}"
        return _obstacle(what, "name an importable function under `judge`")
    try:
        result = judge(JudgedArtifact(kind, path, files[path], dict(files)), spec)
    except AssertionError as error:
        return {"refused": str(error) or "the judge's assertion failed"}
    except (Exception, SystemExit) as error:
        what = f"the judge {function} raised {type(error).__name__}: {error}"
        if isinstance(error, FileNotFoundError | PermissionError):
            return _obstacle(what, "declare what it reads under `reads`")
        return _obstacle(what, "mend the judge: it refuses by an AssertionError or a message")
    return _answer_of(function, result)


def _answer_of(function: str, result: object) -> dict[str, Any]:
    if result is None or result is True:
        return {"refused": ""}
    if result is False:
        return {"refused": "the judge returned False"}
    if isinstance(result, str):
        return {"refused": result}
    what = f"the judge {function} returned a value of the type {type(result).__name__}"
    return _obstacle(what, "return None or True to accept, a message or False to refuse")
