"""The lines of pytest's configuration that a project needs, in whichever file it has."""

import shlex
import sys
import tomllib
from pathlib import Path
from typing import Any

from iniconfig import IniConfig, ParseError

from flagbench.errors import InputError, Problem
from flagbench.pytest_files import PYTEST_FILES
from flagbench.shell_command import shell_command

# The table of pytest in a file, by the file's name.
_TABLES = dict.fromkeys(PYTEST_FILES, "pytest") | {
    "pyproject.toml": "tool.pytest.ini_options", "setup.cfg": "tool:pytest",
}  # fmt: skip
# An empty file of these is pytest's configuration, too.
_ALWAYS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
SCENARIOS, PATH = "flagbench_scenarios", "pythonpath"
_FOLDER = "scenarios"


def configured(folder: Path) -> tuple[Path, str, dict[str, Any]]:
    """The file of a folder that configures pytest, the name of its table, and its content.

    Where there is none, it is `pyproject.toml`. Raises `InputError` for a file that cannot be read.
    """
    for name, usual in _TABLES.items():
        path = folder / name
        if not path.is_file():
            continue
        for table in (usual, "tool.pytest") if name == "pyproject.toml" else (usual,):
            content = _table(path, table)
            if content is not None:
                return path, table, content
        if name in _ALWAYS:
            return path, usual, {}
    return folder / "pyproject.toml", _TABLES["pyproject.toml"], {}


def with_lines(path: Path, table: str, content: dict[str, Any]) -> str:
    """The text of the file with the folder of scenarios, and the project importable.

    Everything else of it stays. Raises `InputError` where its form is not known.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = []
    for key, value in ((SCENARIOS, _FOLDER), (PATH, ".")):
        if key not in content:
            lines.append(f'{key} = ["{value}"]' if path.suffix == ".toml" else f"{key} = {value}")
    head = f"[{table}]"
    before = text.splitlines()
    if head in (stripped := [line.partition("#")[0].strip() for line in before]):
        place = stripped.index(head) + 1
        after = [*before[:place], *lines, *before[place:]]
    else:
        after = [*before, *([""] if before else []), head, *lines]
    changed = "\n".join(after) + "\n"
    try:
        now = _parsed(changed, path, table)
    except (ValueError, ParseError):
        now = None
    if now is None or not content.items() <= now.items() or SCENARIOS not in now:
        what = f"the table {head} is written in a way that cannot be added to"
        raise InputError(Problem(what, where=str(path), expected="; ".join(lines)))
    return changed


def scenario_folders(folder: Path) -> list[Path]:
    """The folders of a project's scenarios, as its pytest configuration names them.

    Without any line, `scenarios`. Raises `InputError` for a folder that does not exist.
    """
    path, _, content = configured(folder)
    found = [path.parent / name for name in _listed(path, content, SCENARIOS, [_FOLDER])]
    for place in (place for place in found if not place.is_dir()):
        above = next((above for above in folder.absolute().parents if _is_project(above)), None)
        fix = shell_command("cd", above) if above else "flagbench init, or name the folder"
        expected = "a folder of scenarios in the root of the project"
        raise InputError(Problem("no such folder", str(place), expected, fix))
    return found


def _is_project(folder: Path) -> bool:
    path, _, content = configured(folder)
    return SCENARIOS in content or (path.is_file() and (folder / _FOLDER).is_dir())


def python_folders(folder: Path) -> list[Path]:
    """The folders of `pythonpath` in a project, from which pytest imports first."""
    path, _, content = configured(folder)
    return [(path.parent / entry).absolute() for entry in _listed(path, content, PATH, [])]


def use_pythonpath(folder: Path) -> None:
    """Put first on the import path what pytest would in a project: the folders of `pythonpath`."""
    for found in map(str, reversed(python_folders(folder))):
        if found not in sys.path:
            sys.path.insert(0, found)


def _listed(path: Path, content: dict[str, Any], key: str, otherwise: list[str]) -> list[str]:
    """The value of a line that holds a list: of texts in TOML, words as in a shell in ini files.

    Raises `InputError` for anything else.
    """
    value = content.get(key, otherwise)
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError:  # a quote without its end
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise InputError(Problem(f"{key} = {value!r}", str(path), "a list of folders"))
    return words


def _table(path: Path, table: str) -> dict[str, Any] | None:
    try:
        return _parsed(path.read_text(encoding="utf-8"), path, table)
    except (OSError, ValueError, ParseError) as error:
        what = f"cannot be read: {str(error).partition(chr(10))[0]}"
        raise InputError(Problem(what, where=str(path))) from error


def _parsed(text: str, path: Path, table: str) -> dict[str, Any] | None:
    """The content of a table, None without it."""
    if path.suffix == ".toml":
        found: Any = tomllib.loads(text)
        for name in table.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None
    sections = IniConfig(str(path), data=text)
    return dict(sections[table].items()) if table in sections else None
