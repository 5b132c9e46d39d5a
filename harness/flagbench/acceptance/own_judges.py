"""Judges artifacts by own checks, each in a sandbox whose children may run programs."""

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from flagbench.acceptance.own_cases import OwnCase
from flagbench.acceptance.probe import own_check
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.sandbox.child import plain
from flagbench.acceptance.sandbox.errors import BadFiles
from flagbench.acceptance.sandbox.limits import MIB, Limits
from flagbench.acceptance.sandbox.readable_paths import locations
from flagbench.acceptance.sandbox.sandbox import (
    Isolation,
    Misbehaved,
    Raised,
    Sandbox,
    SandboxFailed,
)
from flagbench.errors import CouldNotRun, InputError, Problem
from flagbench.scenario.own_checks import OwnCheck

_FILE = "{file}"
_MESSAGE_CHARACTERS = 550
_MESSAGE_LINES = 12
_MORE_TIME = "give it more `timeout_seconds`"
# Exit codes without a judgement: a shell's for a program that it cannot run, and the limits'.
_FIXES_BY_CODE = {
    126: "make the program executable, or declare it under `reads`",
    127: "install the program that it calls, or declare it under `reads`",
    -24: _MORE_TIME,  # SIGXCPU, which the module `signal` has not everywhere
    -9: "let it use less memory, or give it more `timeout_seconds`",
}
# How a judge ends without an answer, by words of the message.
_FIXES_BY_WORDS = {
    "ran longer": _MORE_TIME,
    "of CPU": _MORE_TIME,
    "printed": "let it print less",
    "threads": "let it start fewer threads",
    "memory": "let it use less memory",
    "answered": "let its answer be a short message",
}
# Address space, of which node and go reserve far more than they use.
_MEMORY_BYTES = 64 * 1024 * MIB
_DISK_BYTES = 512 * MIB

Key = tuple[str, str]


class OwnJudges:
    """Owner of a sandbox for each own check; must be closed.

    `accept_sandbox` raises `SandboxFailed` for a sandbox that is not isolated enough.
    """

    def __init__(self, accept_sandbox: Callable[[Sandbox], None]) -> None:
        self._accept_sandbox = accept_sandbox
        self._sandboxes: dict[Key, Sandbox] = {}
        self._inputs: dict[Key, Mapping[str, str]] = {}

    @property
    def isolations(self) -> list[Isolation]:
        """Isolation of each sandbox that was started."""
        return [sandbox.isolation for sandbox in self._sandboxes.values()]

    def with_inputs(self, case: OwnCase) -> OwnCase:
        """The case with the tool's version and digests of all that its check reads.

        Raises `CouldNotRun` for a tool that is missing or does not tell its version.
        """
        key = _key(case)
        if key not in self._inputs:
            check = case.check
            inputs = {path: _digest(case.checks.place_of(path)) for path in check.reads}
            if check.judge is not None:
                inputs["judge"] = _digest(_module_place(check.judge))
            else:
                inputs["version"] = self._version(case)
            self._inputs[key] = inputs
        return replace(case, inputs=self._inputs[key])

    def prove(self, case: OwnCase) -> Proof:
        """Judge an artifact. Raises `CouldNotRun` where no judgement is possible."""
        check = case.check
        if check.judge is not None:
            command = {
                "do": "judge",
                "function": check.judge,
                "kind": case.kind,
                "path": case.path,
                "files": dict(case.files),
                "spec": check.model_dump(mode="json")["spec"],
            }
            refused = self._ask(case, command)["refused"]
            return Proof.refuted(check.name, _last_lines(refused)) if refused else Proof()
        answer = self._ask(case, _run(check.run or [], case, case.path))
        code, output = answer["exit_code"], _last_lines(answer["output"])
        if code in _FIXES_BY_CODE:
            what = f"{_ended(code)}{output and f': {output}'}"
            raise _could_not(case, what, _FIXES_BY_CODE[code])
        return Proof.refuted(check.name, output or _ended(code)) if code else Proof()

    def close(self) -> None:
        """Close the sandboxes."""
        for sandbox in self._sandboxes.values():
            sandbox.close()

    def _version(self, case: OwnCase) -> str:
        words = case.check.version or []
        bare = replace(case, files={})
        answer = self._ask(bare, _run(words, case, ""))
        code, said = answer["exit_code"], str(answer["output"])
        if code != 0 or not said.strip():
            what = f"{_ended(code)}: {_last_lines(said)}" if code else "printed nothing"
            fix = "install the tool, or let `version` print its version with exit code 0"
            raise _could_not(case, f"{' '.join(words)} {what}", fix)
        return said

    def _ask(self, case: OwnCase, command: dict[str, Any]) -> dict[str, Any]:
        links = {
            os.path.normpath(path): str(case.checks.place_of(path))
            for path in case.check.reads
            if not Path(path).expanduser().is_absolute()
        }
        try:
            with self._sandbox(case).child(own_check.ANSWER, case.files) as child:
                answer: dict[str, Any] = child.ask({**command, "links": links})
        except BadFiles as error:
            raise _could_not(case, str(error), error.fix) from error
        except (Misbehaved, Raised) as error:
            what = f"it raised {error}" if isinstance(error, Raised) else f"it {error}"
            fixes = (fix for words, fix in _FIXES_BY_WORDS.items() if words in what)
            fix = next(fixes, "it must return, and not end its process")
            raise _could_not(case, what, fix) from error
        if "obstacle" in answer:
            raise _could_not(case, plain(str(answer["obstacle"])), plain(str(answer["fix"])))
        return answer

    def _sandbox(self, case: OwnCase) -> Sandbox:
        key = _key(case)
        if key not in self._sandboxes:
            check = case.check
            self._sandboxes[key] = sandbox = Sandbox(
                own_check.WARM,
                limits=_limits(check),
                runs_programs=True,
                further=[*_tools(case), *map(str, map(case.checks.place_of, check.reads))],
                names=[check.judge] if check.judge is not None else [],
            )
            self._accept_sandbox(sandbox)
        return self._sandboxes[key]


def _key(case: OwnCase) -> Key:
    return str(case.checks.folder), case.check.model_dump_json()


def _limits(check: OwnCheck) -> Limits:
    return Limits(
        cpu_seconds=int(check.timeout_seconds) + 1,
        wall_seconds=check.timeout_seconds,
        memory_bytes=_MEMORY_BYTES,
        file_bytes=_DISK_BYTES // 4,
        disk_bytes=_DISK_BYTES,
        disk_files=65536,
        open_files=1024,
    )


def _search_path() -> str:
    """The folders of programs: this Python's, and those of the harness's own environment."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _program(word: str, case: OwnCase) -> str:
    """The path of a tool by its name, or by a path that is relative to the scenario's folder.

    What a check reads is in the artifact's folder, too, and a tool in it is run there. Raises
    `SandboxFailed`.
    """
    if "/" in word:
        place = Path(case.checks.folder, Path(word).expanduser())
        is_read = any(PurePath(word).is_relative_to(read) for read in case.check.reads)
        return word if is_read or not place.is_file() else os.path.normpath(place.absolute())
    path = shutil.which(word, path=_search_path())
    if path is None:
        fix = f"install {word}, or name it by its path"
        raise SandboxFailed(Problem(f"{word} is not installed here", fix=fix))
    return path


def _tools(case: OwnCase) -> Iterator[str]:
    """The files of the tools of a check: as they are called, and what the links point at.

    Of the Python of a virtual environment, these are the environment and its base.
    """
    for words in (case.check.run, case.check.version):
        path = _program(words[0], case) if words else ""
        if not Path(path).is_absolute():
            continue
        target = os.path.realpath(path)
        yield from (path, target)
        environment = Path(path).parents[1]
        if (environment / "pyvenv.cfg").is_file():
            base = Path(target).parents[1]
            yield from map(str, (environment, base / "bin", base / "lib"))


def _run(words: Sequence[str], case: OwnCase, path: str) -> dict[str, Any]:
    # A file must not be taken for an option.
    safe = path if path[:1].isalnum() or path[:1] in ("", "_", ".") else f"./{path}"
    arguments = [_program(words[0], case), *(word.replace(_FILE, safe) for word in words[1:])]
    return {"do": "run", "arguments": arguments, "search": _search_path(), "file": path,
            "output_bytes": Limits().output_bytes}  # fmt: skip


def _module_place(function: str) -> Path:
    """The file or folder of the judge's top-level module. Raises `InputError`."""
    try:
        places = locations(function.partition(".")[0])
    except (ImportError, ValueError) as error:
        what = f"the judge {function} cannot be imported: {error}"
        fix = "install its package, or name its folder in `pythonpath` of pytest's ini"
        problem = Problem(what, expected="the dotted path of a function", fix=fix)
        raise InputError(problem) from error
    return Path(places[0])


def _digest(place: Path) -> str:
    """Digest of a file, or of all files beneath a folder with their paths."""
    digest = hashlib.sha256()
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    for path in files:
        if "__pycache__" in path.parts or not path.is_file():
            continue
        name = path.relative_to(place).as_posix()
        digest.update(f"{name}\0".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _ended(code: int) -> str:
    if code < 0:
        names = {known.value: known.name for known in signal.Signals}
        return f"ended by {names.get(-code, f'signal {-code}')}"  # real-time ones have no name
    return f"ended with exit code {code}"


def _last_lines(output: str) -> str:
    """The last lines of an output, as a message."""
    lines = [line.rstrip() for line in plain(output).splitlines() if line.strip()]
    text = "\n".join(lines[-_MESSAGE_LINES:])
    return text if len(text) <= _MESSAGE_CHARACTERS else f"…{text[-_MESSAGE_CHARACTERS:]}"


def _could_not(case: OwnCase, what: str, fix: str) -> CouldNotRun:
    check = case.check
    words = check.judge or " ".join(check.run or [])
    return SandboxFailed(Problem(f"{what} ({case.kind}: {words})", where=case.path, fix=fix))
