"""Reading of a file of another tool, bounded, and the format that its content has."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import yaml

from flagbench import text_file
from flagbench.cassette import yaml_loader
from flagbench.cassette.importing import har, jsonl, langsmith, otel, vcr_files
from flagbench.cassette.importing.exchange import Located
from flagbench.errors import InputError, Problem
from flagbench.shell_command import shell_command

# By name; the first that fits the content is its format.
FORMATS: dict[str, ModuleType] = {
    module.NAME: module for module in (vcr_files, har, otel, langsmith, jsonl)
}
MOST_BYTES = 128 * 2**20
_KNOWN = f"a file of {', '.join(FORMATS)}"
_YAML_CASSETTE = re.compile(
    r"^(?:interactions|http_interactions|version|recorded_with|- request):", re.MULTILINE
)
_BLANKS = re.compile(r"\s*")


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_not_a_number)


def read(path: Path, chosen: str | None) -> tuple[str, list[Located]]:
    """The format of a file (the `chosen` one, or that of its content) and its documents.

    Raises `InputError`, with the line, for a file that is not whole or of no known format.
    """
    text = _text(path)
    start = text.lstrip()[:1]
    if not start:
        _refuse(path, 1, "the file is empty")
    if start == "<":
        what = "an HTML page" if "<html" in text[:2000].lower() else "XML"
        _refuse(path, 1, f"it is {what}")
    if start in "{[":
        documents = _json_documents(path, text)
    elif chosen == vcr_files.NAME or _YAML_CASSETTE.search(text):
        documents = [Located(f"{path}:1", _yaml(path, text))]
    else:
        _refuse(path, 1, "its format is not known")
    name = _format_of(path, documents, chosen)
    module = FORMATS[name]
    if module is vcr_files:
        for document in documents:
            if module.fits(document.value) and (what := vcr_files.defect(document.value)):
                _refuse(path, text.count("\n") + 1, what)
    return name, documents


def _format_of(path: Path, documents: list[Located], chosen: str | None) -> str:
    fitting = [
        name
        for name, module in FORMATS.items()
        if any(module.fits(document.value) for document in documents)
    ]
    if chosen and chosen not in fitting:
        looks = f"; it looks like {fitting[0]}" if fitting else ""
        _refuse(path, 1, f"it has nothing of the format {chosen}{looks}")
    if not fitting:
        _refuse(path, 1, "its format is not known")
    return chosen or fitting[0]


def _text(path: Path) -> str:
    try:
        return text_file.read(path, max_bytes=MOST_BYTES)
    except IsADirectoryError as error:
        fix = f"name them: {shell_command(path)}/*"
        raise InputError(Problem("it is a folder", str(path), "the files in it", fix)) from error
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path))) from error
    except UnicodeDecodeError as error:
        content = error.object
        line = content.count(b"\n", 0, error.start) + 1
        what = f"not UTF-8 (byte {error.start + 1} is 0x{content[error.start]:02x})"
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            what = "it is UTF-16"
        elif content[:2] == b"\x1f\x8b":
            what = "it is compressed: gunzip it first"
        _refuse(path, line, what)


def _json_documents(path: Path, text: str) -> list[Located]:
    """The documents of a text: one, or one after the other as in JSON lines; lists as items."""
    documents, at, line = [], 0, 1
    while (start := _end_of_blanks(text, at)) < len(text):
        line += text.count("\n", at, start)
        try:
            value, at = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            _refuse(path, error.lineno, f"not whole JSON ({error.msg})")
        except RecursionError:
            _refuse(path, line, "brackets are nested too deep")
        except ValueError as error:
            _refuse(path, line, f"not JSON ({error})")
        place = f"{path}:{line}"
        if isinstance(value, list):
            documents += [
                Located(f"{place} item {number}", item) for number, item in enumerate(value, 1)
            ]
        else:
            documents.append(Located(place, value))
        line += text.count("\n", start, at)
    return documents


def _end_of_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _yaml(path: Path, text: str) -> Any:
    try:
        return yaml_loader.load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what, fix = f"not readable as YAML ({error.problem})", ""
        if "python/" in str(error.problem):
            what, fix = f"it makes Python objects ({error.problem})", "python -m vcr.migration FILE"
        _refuse(path, line, what, fix)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        line = text.count("\n", 0, getattr(error, "position", 0) or 0) + 1
        _refuse(path, line, f"not readable as YAML ({error})")


def _refuse(path: Path, line: int, what: str, fix: str = "") -> NoReturn:
    expected = (
        f"a whole {_KNOWN.removeprefix('a ')}" if "whole" in what or "early" in what else _KNOWN
    )
    raise InputError(Problem(what, f"{path}:{line}", expected, fix))
