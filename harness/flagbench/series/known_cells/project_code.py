"""The code of a project that a module imports, and the folders of its packages.

Imports are read from the source, not from what is loaded, so that they are the same in every
process. Modules of the installation are not followed: their versions stand for them.
"""

import ast
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flagbench.checked_rows import CheckedRows
from flagbench.installed_files import is_installed
from flagbench.series.known_cells.file_digests import FileDigests, files_below

_INIT = "__init__.py"


@dataclass(slots=True)
class Code:
    """Files of code by module, and the folders of packages and of modules outside of a package.

    `unknown` has what cannot be followed: nothing that depends on it can be known.
    """

    files: dict[str, str] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


class ProjectCode:
    """Reader of imports; those of a file are kept in `rows` by the digest of its source."""

    def __init__(self, digests: FileDigests, rows: CheckedRows) -> None:
        self._digests = digests
        self._rows = rows
        self._imports: dict[str, list[str] | None] = {}
        self._places: dict[str, tuple[str, ...]] = {}
        self._new = set[str]()
        self._paths: dict[frozenset[str], list[str]] = {}

    def of(self, roots: Iterable[str]) -> Code:
        """The code that modules import, directly or not, with the modules themselves."""
        code, waiting, seen = Code(), list(roots), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            parent = name.rpartition(".")[0]
            if parent:
                waiting.append(parent)
            for path in self._files_of(name):
                if is_installed(path):
                    continue
                code.files[name] = path
                is_package = Path(path).name == _INIT
                place = code.packages if is_package or parent else code.folders
                place.add(str(Path(path).parent))
                imports = self._imports_of(path, name if is_package else parent)
                if imports is None:
                    code.unknown.append(path)
                waiting += imports or ()
        self._keep_imports()
        return code

    def digest(self, code: Code) -> str:
        """The digest of the code, of all files of its packages, and of the names beside it."""
        digest = hashlib.sha256()
        for path in self.paths(code):
            digest.update(f"{shown(path)}\0{self._digests.of_file(path)}\n".encode())
        for folder in sorted(code.folders):
            names = self._digests.names_digest(folder, self._digests.names_beside(folder))
            digest.update(f"{shown(folder)}\0{names}\n".encode())
        return digest.hexdigest()

    def paths(self, code: Code) -> list[str]:
        """The files of the code and of its packages, but those of packages that it does not use."""
        key = frozenset((*code.files.values(), *code.packages))
        if key not in self._paths:
            paths = set(code.files.values())
            for folder in code.packages:
                paths.update(files_below(folder, self._other_packages(folder, code)))
            self._paths[key] = sorted(paths)
        return self._paths[key]

    def _other_packages(self, folder: str, code: Code) -> frozenset[str]:
        return frozenset(
            str(each)
            for each in (entry for entry in Path(folder).iterdir() if entry.is_dir())
            if (each / _INIT).exists() and str(each) not in code.packages
        )

    def _files_of(self, name: str) -> list[str]:
        """The file of a module, if it has one."""
        return [place for place in self._places_of(name) if Path(place).is_file()]

    def _places_of(self, name: str) -> tuple[str, ...]:
        """The file of a module, or the folders of a package without one; empty for neither."""
        if name not in self._places:
            self._places[name] = tuple(self._find(name))
        return self._places[name]

    def _find(self, name: str) -> Iterator[str]:
        loaded = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(loaded, str):
            yield os.path.abspath(loaded)  # noqa: PTH100  links are part of what is imported
            return
        parent, _, last = name.rpartition(".")
        if not parent:
            if name in sys.stdlib_module_names:
                return
            yield from _top_level(name)
            return
        for place in self._places_of(parent):
            folder = Path(place).parent if Path(place).name == _INIT else Path(place)
            if is_installed(str(folder) + os.sep):
                return
            for path in (folder / last / _INIT, folder / f"{last}.py", folder / last):
                if path.exists():
                    yield str(path)
                    return
            yield from map(str, sorted(folder.glob(f"{last}.*.so")))

    def _imports_of(self, path: str, package: str) -> list[str] | None:
        """The modules that a file may import; None if they cannot be read."""
        if not path.endswith(".py"):
            return None if path.endswith(".pyc") else []
        if path not in self._imports:
            key = f"{self._digests.of_file(path)} {package}"
            if key not in self._kept_imports:
                self._kept_imports[key] = json.dumps(imports_of(Path(path), package)).encode()
                self._new.add(key)
            self._imports[path] = json.loads(self._kept_imports[key])
        return self._imports[path]

    @cached_property
    def _kept_imports(self) -> dict[str, bytes]:
        return self._rows.everything()

    def _keep_imports(self) -> None:
        if self._new:
            self._rows.put({key: self._kept_imports[key] for key in self._new})
            self._new.clear()


def imports_of(path: Path, package: str) -> list[str] | None:
    """The names of modules in the import statements of a file; None if it cannot be parsed.

    A name imported from a package may be a module or not.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    names = dict[str, None]()
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                names |= dict.fromkeys(alias.name for alias in node.names)
            case ast.ImportFrom(module=module, level=level):
                base = ".".join(package.split(".")[: max(0, package.count(".") + 2 - level)])
                source = ".".join(filter(None, (base if level else "", module)))
                names[source] = None
                names |= dict.fromkeys(f"{source}.{alias.name}" for alias in node.names)
            case ast.Call(
                func=ast.Name(id="__import__") | ast.Attribute(attr="__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                names[name] = None
            case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="__import__")):
                return None
    return [name for name in names if name and not name.endswith(".*")]


def _top_level(name: str) -> list[str]:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    if spec.origin and spec.origin not in ("built-in", "frozen"):
        return [spec.origin]
    return list(spec.submodule_search_locations or ())


def shown(path: str) -> str:
    """A path relative to the current folder, if it is below it."""
    here = str(Path.cwd()).rstrip(os.sep) + os.sep
    return path.removeprefix(here)
