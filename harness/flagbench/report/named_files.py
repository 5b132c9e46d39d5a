"""The files that a scenario names, wherever they are, and the modules of its judges."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# A scenario's `command` and `env` name the files of the project so.
_PROJECT = "{project}/"


def files(path: Path, document: Mapping[str, Any], root: Path) -> Iterator[Path]:
    """The files that the scenario at `path` names, in a project that has its root there.

    A text of it may be a path in the scenario's folder, or one that begins with `{project}/`. What
    its keys name may be anywhere: of a folder beyond the root nothing is given.
    """
    folder = path.parent
    for text in _texts(document):
        # A tokenizer is named by its kind and its file.
        for word in (text, text.partition(":")[2]):
            if word.startswith(_PROJECT):
                yield from tree(root / word.removeprefix(_PROJECT), root)
            elif word:
                yield from tree(folder / word, folder)
    for word in _by_keys(document):
        yield from _named(folder, word, root)
    for word in _tools(document):
        # What an environment of Python has installed is of a machine.
        if not any((above / "pyvenv.cfg").is_file() for above in (folder / word).parents):
            yield from tree(folder / word, root)
    subject = document.get("subject")
    for word in _of_command(subject) if isinstance(subject, Mapping) else ():
        yield from tree(root / word, root)


def of_keys(path: Path, document: Mapping[str, Any], root: Path) -> Iterator[Path]:
    """The files that keys of the scenario at `path` name: for sure read, and not written.

    With the program and the given files of a command.
    """
    for word in _by_keys(document):
        yield from _named(path.parent, word, root)
    subject = document.get("subject")
    for word in _of_command(subject) if isinstance(subject, Mapping) else ():
        yield from tree(root / word, root)


def of_requests(document: Mapping[str, Any]) -> Iterator[str]:
    """The files that requests are read from, relative to the scenario's folder."""
    requests = document.get("requests")
    for request in requests if isinstance(requests, list) else ():
        if isinstance(request, Mapping):
            further = request.get("with")
            named = [request.get("file"), *(further if isinstance(further, list) else ())]
            yield from (name for name in named if isinstance(name, str) and name)


def judges(document: Mapping[str, Any]) -> Iterator[str]:
    """The dotted names of the functions that judge what a scenario's subject makes."""
    for check in _own_checks(document):
        if isinstance(judge := check.get("judge"), str):
            yield judge


def tree(place: Path, folder: Path) -> Iterator[Path]:
    """A file, or the files of a folder, without what Python caches; nothing outside of `folder`."""
    try:
        if not place.exists():  # as most texts, which are no paths
            return
        own, limit = place.resolve(), folder.resolve()
        if own == limit or not own.is_relative_to(limit):
            return
        for path in (own, *(own.rglob("*") if own.is_dir() else ())):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
    except (OSError, ValueError):  # a text that is not a path
        return


def _by_keys(document: Mapping[str, Any]) -> Iterator[str]:
    """The paths, relative to the scenario's folder, of the keys that name a file."""
    tokenizer = document.get("tokenizer")
    named = [
        document.get("prices"),
        tokenizer.partition(":")[2] if isinstance(tokenizer, str) else None,
        *of_requests(document),
    ]
    for check in _own_checks(document):
        reads = check.get("reads")
        named += reads if isinstance(reads, list) else ()
    yield from (text for text in named if isinstance(text, str) and text)


def _tools(document: Mapping[str, Any]) -> Iterator[str]:
    """The tools of own checks that are files, relative to the scenario's folder."""
    for check in _own_checks(document):
        for words in (check.get("run"), check.get("version")):
            tool = words[0] if isinstance(words, list) and words else None
            if isinstance(tool, str) and "/" in tool:
                yield tool


def _of_command(subject: Mapping[str, Any]) -> Iterator[str]:
    """The program and the given files of a command, relative to the project."""
    words = subject.get("command")
    program = words[0] if isinstance(words, list) and words else None
    if isinstance(program, str) and "/" in program:
        yield program
    if isinstance(given := subject.get("files"), str):
        yield given


def _own_checks(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    acceptance = document.get("acceptance")
    kinds = acceptance.get("kinds") if isinstance(acceptance, Mapping) else None
    for check in kinds.values() if isinstance(kinds, Mapping) else ():
        if isinstance(check, Mapping):
            yield check


def _named(folder: Path, word: str, root: Path) -> Iterator[Path]:
    """The file of a path, or the files of a folder in the project."""
    try:
        place = Path(folder, Path(word).expanduser()).resolve()
        if place.is_file():
            yield place
        elif not folder.resolve().is_relative_to(place):
            yield from tree(place, root)
    except (OSError, RuntimeError, ValueError):  # a loop of links; a home that nobody has
        return


def _texts(value: object) -> Iterator[str]:
    """The texts of a document that may be paths."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str) and 1 < len(value) < 200 and "\n" not in value:
        yield value
