"""A subject that is a command: its words, its input and its environment, with placeholders."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from flagbench.subject import Factor

Word = Annotated[str, StringConstraints(min_length=1)]
_PLACEHOLDER = re.compile(r"\{(\{?)([a-z_]+(?:\.\w+)?)\}")
# The request of one run; a command that names it is run once for each.
REQUEST = "request"
_FLAGS = "flags."
PLACEHOLDERS = (REQUEST, "requests", "requests_file", "workdir", "project", "model", "base_url")


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character; expected: text that a program can be given")
    return text


_Given = Annotated[str, AfterValidator(_no_nul)]


def _pattern(text: str) -> str:
    path = Path(text)
    if path.is_absolute() or ".." in path.parts or not text.strip():
        raise ValueError(f"{text!r} is not a pattern of files in workdir, such as src/**/*.py")
    return text


class CommandPart(BaseModel):
    """A command as the subject of a scenario."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    command: Annotated[list[Annotated[Word, AfterValidator(_no_nul)]], Field(min_length=1)]
    stdin: _Given | None = None
    env: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*$")], _Given] = {}
    files: Annotated[Word, AfterValidator(_no_nul)] | None = None
    artifacts: list[Annotated[Word, AfterValidator(_pattern)]] = []
    exit_codes: Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=1)] = [0]
    timeout_seconds: Annotated[float, Field(gt=0, le=86_400)] = 300.0


@dataclass(frozen=True, slots=True)
class Command:
    """A command to run as a subject; `project` is the folder that paths are relative to.

    `variables` are those of the flags by name, `arguments` the words of each level. `files` is
    a folder whose content workdir has at the start, `artifacts` are patterns of files in workdir,
    none for all. `timeout_seconds` is real, and bounds the work between two calls.
    """

    words: tuple[str, ...]
    project: Path
    stdin: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    files: Path | None = None
    artifacts: tuple[str, ...] = ()
    exit_codes: tuple[int, ...] = (0,)
    timeout_seconds: float = 300.0
    variables: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join(self.words)

    @property
    def given(self) -> Mapping[str, str]:
        """The texts of `files` by path, without those of tools: hidden and in `__pycache__`.

        A file that is not UTF-8 has no text, and is left out.
        """
        texts: dict[str, str] = {}
        if self.files is None:
            return texts
        for path in sorted(self.files.rglob("*")):
            place = path.relative_to(self.files)
            if path.is_file() and not any(_is_of_tools(part) for part in place.parts):
                with suppress(UnicodeDecodeError):
                    texts[place.as_posix()] = path.read_text(encoding="utf-8")
        return texts

    @property
    def is_run_for_each_request(self) -> bool:
        """True if it takes one request: then it is run once for each, in order."""
        texts = (*self.words, self.stdin or "", *self.env.values())
        return any(name == REQUEST for text in texts for name in _names(text))

    def filled_words(self, values: Mapping[str, Any], levels: Mapping[str, str]) -> list[str]:
        """The words to run; a word that is a flag alone becomes the words of its level."""
        filled: list[str] = []
        for word in self.words:
            name = word[1:-1].removeprefix(_FLAGS) if _is_flag_alone(word) else ""
            if name in self.arguments:
                given = self.arguments[name][levels[name]]
                filled += [self.filled(text, values, levels) for text in given]
            else:
                filled.append(self.filled(word, values, levels))
        return filled

    def filled(self, text: str, values: Mapping[str, Any], levels: Mapping[str, str]) -> str:
        """A text with values in place of its placeholders."""

        def value(match: re.Match[str]) -> str:
            if match[1]:
                return f"{{{match[2]}"
            name = match[2]
            if name.startswith(_FLAGS):
                return levels[name.removeprefix(_FLAGS)]
            given = values[name]
            return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)

        return _PLACEHOLDER.sub(value, text)

    def program(self, word: str) -> str:
        """The path of the program that a first word names. Raises `ValueError`.

        A path is relative to the project; `~` and variables of the environment are followed; a bare
        name is looked for beside the running Python, then in PATH.
        """
        unset = [name for name in re.findall(r"\$\{?(\w+)", word) if name not in os.environ]
        if unset:
            raise ValueError(f"{word}: the variable {unset[0]} is not set")
        expanded = os.path.expandvars(os.path.expanduser(word))  # noqa: PTH111  both, as a shell
        if os.sep in expanded or "/" in expanded:
            path = self.project / expanded
            if not path.is_file():
                raise ValueError(f"{path} does not exist")
            if not os.access(path, os.X_OK):
                raise ValueError(f"{path} is not executable")
            return str(path)
        found = shutil.which(expanded, path=search_path())
        if found is None:
            raise ValueError(f"{expanded!r} is not a program in PATH")
        return found


def search_path() -> str:
    """PATH with the folder of the running Python first, as in an activated environment."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))


def command_of(
    part: CommandPart, project: Path, factors: Sequence[Factor], arguments: Mapping[str, Any]
) -> Command:
    """The command of a scenario, with the words of each flag's levels."""
    return Command(
        words=tuple(part.command),
        project=project,
        stdin=part.stdin,
        env=dict(part.env),
        files=None if part.files is None else project / part.files,
        artifacts=tuple(part.artifacts),
        exit_codes=tuple(part.exit_codes),
        timeout_seconds=part.timeout_seconds,
        variables={factor.name: factor.env for factor in factors},
        arguments={
            name: {level: tuple(words) for level, words in by_level.items()}
            for name, by_level in arguments.items()
        },
    )


def problems(command: Command, factors: Sequence[Factor]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The problems of a command, each with its place in the scenario."""
    if command.files is not None and not command.files.is_dir():
        what = f"{command.files} does not exist; expected: a folder, relative to the project"
        yield ("subject", "files"), what
    known = {*PLACEHOLDERS, *(f"{_FLAGS}{factor.name}" for factor in factors)}
    texts: list[tuple[tuple[Any, ...], str]] = [
        *((("subject", "command", number), word) for number, word in enumerate(command.words)),
        *((("subject", "env", name), text) for name, text in command.env.items()),
        *([(("subject", "stdin"), command.stdin)] if command.stdin is not None else []),
    ]
    for name, by_level in command.arguments.items():
        for level, words in by_level.items():
            texts += [(("factors", name, "arguments", level), word) for word in words]
        if not any(word == f"{{{_FLAGS}{name}}}" for word in command.words):
            what = f"the arguments of {name} are not used; expected: a word '{{flags.{name}}}'"
            yield ("subject", "command"), what
    for place, text in texts:
        for name in _names(text):
            if name not in known:
                expected = ", ".join(f"{{{each}}}" for each in sorted(known))
                yield place, f"unknown placeholder {{{name}}}; expected: one of {expected}"


def _is_of_tools(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def _names(text: str) -> Iterator[str]:
    return (match[2] for match in _PLACEHOLDER.finditer(text) if not match[1])


def _is_flag_alone(word: str) -> bool:
    match = _PLACEHOLDER.fullmatch(word)
    return match is not None and not match[1] and match[2].startswith(_FLAGS)
