"""The call of a subject, async or sync, and its outcome in whatever form it returns it."""

import asyncio
import inspect
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flagbench.errors import CouldNotRun, Problem
from flagbench.printable import printable_line
from flagbench.run import outcome_check
from flagbench.run.own_files import forks_ended
from flagbench.subject import Artifact, Outcome, Subject, arguments_of

# What a returned mapping may have in place of paths and texts.
_PARTS = frozenset({"artifacts", "rates", "metrics", "reported"})
_FORMS = (
    "an outcome, a list of paths, a mapping of paths to texts or with artifacts, rates, "
    "metrics or reported, or None"
)
_PATHS = "paths of files in workdir"
# Folders of tools, whose files are not artifacts.
_SKIPPED = "__pycache__"


@dataclass(frozen=True, slots=True)
class _File:
    """An artifact without a review."""

    kind: str
    path: str
    text: str
    request_id: str
    approved: None = None


@dataclass(frozen=True, slots=True)
class _Result:
    artifacts: Sequence[Artifact]
    rates: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    reported: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)


async def call(subject: Subject, offered: Mapping[str, Any]) -> Any:
    """Call a subject with what it names of `offered`. A sync one runs in a thread of its own."""
    by_place, by_name = arguments_of(subject, offered)
    if _is_async(subject):
        with forks_ended():
            return await subject(*by_place, **by_name)

    def call_sync() -> Any:
        try:
            with forks_ended():
                return subject(*by_place, **by_name)
        except StopIteration as error:  # a future takes none, and its waiter would wait for ever
            raise RuntimeError("the subject raised StopIteration") from error

    returned = await asyncio.to_thread(call_sync)
    return await returned if inspect.isawaitable(returned) else returned


def _is_async(subject: Subject) -> bool:
    return inspect.iscoroutinefunction(subject) or inspect.iscoroutinefunction(
        getattr(subject, "__call__", None)  # noqa: B004  it is not a test whether it is callable
    )


def outcome_of(returned: Any, workdir: Path, requests: Sequence[str]) -> Outcome:
    """The outcome in what a subject returned: see `Subject`.

    A file without the name of its request belongs to the only one. Raises `CouldNotRun` for
    another form, and for a path that is not a file in `workdir`.
    """
    files = Files(workdir, "1" if len(requests) == 1 else "")
    if returned is None:
        return _Result(list(files.all()))
    if isinstance(returned, Mapping):
        if not returned or not _PARTS.issuperset(returned):
            return _Result(list(files.made(returned)))
        return _Result(
            list(files.made(returned.get("artifacts", ()))),
            _part(returned, "rates"),
            _part(returned, "reported"),
            _part(returned, "metrics"),
        )
    if isinstance(returned, (list, tuple)):
        return _Result(list(files.made(returned)))
    if not (hasattr(returned, "artifacts") and hasattr(returned, "rates")):
        what = f"the subject returned {outcome_check.shown(returned)}"
        raise CouldNotRun(Problem(what, expected=_FORMS))
    outcome: Outcome = returned
    return outcome


def _part(returned: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = returned.get(name, {})
    if not isinstance(value, Mapping):
        what = f"{name} of the subject is {outcome_check.shown(value)}"
        raise CouldNotRun(Problem(what, expected="a mapping"))
    return value


@dataclass(frozen=True, slots=True)
class Files:
    """Artifacts from the files of a folder, all of the same request."""

    folder: Path
    request_id: str

    def all(self) -> Iterator[_File]:
        """Every file, by path, without those of tools: in `__pycache__` and hidden folders."""
        for root, folders, names in os.walk(self.folder):
            folders[:] = sorted(
                name for name in folders if name != _SKIPPED and not name.startswith(".")
            )
            for name in sorted(names):
                yield self.read(Path(root, name))

    def made(self, listed: Any) -> Iterator[Any]:
        """Artifacts of a list of paths or of artifacts, or of a mapping of paths to texts."""
        if isinstance(listed, Mapping):
            for path, text in listed.items():
                if not isinstance(path, (str, os.PathLike)) or not isinstance(text, str):
                    what = (
                        f"the subject returned {outcome_check.shown(text)} for {str(path)[:80]!r}"
                    )
                    raise CouldNotRun(Problem(what, expected=_FORMS))
                yield self._file(Path(path).as_posix(), text)
            return
        if isinstance(listed, (str, bytes)) or not isinstance(listed, Sequence):
            what = f"artifacts of the subject is {outcome_check.shown(listed)}"
            raise CouldNotRun(Problem(what, expected="a list of paths"))
        for item in listed:
            if isinstance(item, (str, os.PathLike)):
                yield self.read(Path(item))
            elif hasattr(item, "path") and hasattr(item, "text"):
                yield item
            else:
                what = f"the subject returned a list with {outcome_check.shown(item)}"
                raise CouldNotRun(Problem(what, expected=_PATHS))

    def read(self, path: Path) -> _File:
        """The artifact of a file. Raises `CouldNotRun` for a path outside the folder."""
        root = self.folder.resolve()
        named = path.relative_to(self.folder) if path.is_relative_to(self.folder) else path
        try:
            whole = (self.folder / path).resolve()
        except (ValueError, OSError, RuntimeError) as error:  # a NUL, a loop of links
            raise _unreadable(str(named), error) from error
        if not whole.is_relative_to(root):
            what = f"the subject returned the path {named}, which is outside workdir"
            raise CouldNotRun(Problem(what, expected=_PATHS))
        relative = whole.relative_to(root).as_posix()
        if whole.exists() and not (whole.is_file() or whole.is_dir()):
            # Whoever reads a pipe waits for its writer, who has ended.
            what = f"the subject returned {relative}, which is a pipe, a socket or a device"
            raise CouldNotRun(Problem(what, expected=_PATHS))
        try:
            content = whole.read_bytes()
        except (OSError, ValueError) as error:
            raise _unreadable(relative, error) from error
        # The same bytes are the same text; a file that is not text stays visible.
        return self._file(relative, content.decode("utf-8", "backslashreplace"))

    def _file(self, path: str, text: str) -> _File:
        return _File(Path(path).suffix.lstrip(".") or "file", path, text, self.request_id)


def _unreadable(path: str, error: Exception) -> CouldNotRun:
    reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
    what = f"the subject returned {printable_line(path)}, which cannot be read: {reason}"
    return CouldNotRun(Problem(what, expected=_PATHS))
