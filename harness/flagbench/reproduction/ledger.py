"""`docs/reproduce.json`: the inputs of the marked tables, as they were when each was written."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from flagbench import strict_json
from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem

FILE = Path("docs") / "reproduce.json"
LOCK = "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def load(root: Path) -> dict[str, dict[str, str]]:
    """Name of a table -> its files with their digests. Raises `InputError` for a damaged file."""
    path = root / FILE
    try:
        content = strict_json.parse(path.read_text(encoding="utf-8"))
        return {
            str(name): {str(k): str(v) for k, v in files.items()} for name, files in content.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        expected, fix = "a table's name -> its files", f"git checkout {FILE.as_posix()}"
        raise InputError(Problem(f"cannot be read: {error}", str(path), expected, fix)) from error


def add(root: Path, name: str, files: Mapping[str, str]) -> None:
    """State the inputs of a table; those of the others stay. Raises as `load` does."""
    tables = {**load(root), name: dict(files)}
    text = json.dumps(tables, indent=1, sort_keys=True, ensure_ascii=False)
    write_whole(root / FILE, f"{text}\n")


def pins(root: Path, installed: Mapping[str, str]) -> dict[str, str]:
    """The versions that the project's lock states for some packages; none without a lock.

    A lock for several Pythons may state several versions of a package: then the installed one, if
    it is among them.
    """
    try:
        text = (root / LOCK).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    found = dict[str, list[str]]()
    for name, version in _PIN.findall(text):
        found.setdefault(name.lower(), []).append(version)
    return {
        name: version if version in found[name] else " or ".join(found[name])
        for name, version in installed.items()
        if name in found
    }
