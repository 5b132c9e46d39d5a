"""Paths that generated code may read: the Python installation and its packages, no home."""

import importlib.machinery
import importlib.util
import mimetypes
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# The C library, libraries that packages link to, and time zones.
_SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/usr/share/zoneinfo",
    "/nix/store",
)
_FILES = ("/etc/ld.so.cache", "/etc/ssl/openssl.cnf", "/etc/ssl/certs")
# Programs and what they need; no user's data.
_PROGRAMS = ("/usr", "/bin", "/etc/alternatives")
_PACKAGES = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class ReadablePaths:
    """`path` is `sys.path` of the fork server; `readable` maps a path to its target when links are
    followed, none beneath another.
    """

    path: tuple[str, ...]
    readable: Mapping[str, str]


def readable_paths_for(
    names: Iterable[str], further: Iterable[str] = (), *, runs_programs: bool = False
) -> ReadablePaths:
    """The paths that are needed to import these names ("package.module:name"), and `further` ones.

    These are the installation and, of a project, only the named packages; with `runs_programs`,
    the machine's programs and this Python's too. Raises `ModuleNotFoundError`.
    """
    installed = [entry for entry in sys.path if entry and _is_installed(entry)]
    roots: list[str] = []
    own: list[str] = []
    for name in dict.fromkeys(re.split(r"[.:]", name, maxsplit=1)[0] for name in names):
        for place in locations(name):
            if not any(_is_beneath(place, entry) for entry in installed):
                own.append(place)
                roots.append(str(Path(place).parent))
    libraries = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    libraries += [f"{sys.base_prefix}/lib", f"{sys.base_prefix}/lib64"]
    shown = [*_SYSTEM, *_FILES, *map(str, mimetypes.knownfiles), *libraries, *installed, *own]
    shown += [*further, *(_programs() if runs_programs else ())]
    return ReadablePaths(tuple(dict.fromkeys([*installed, *roots])), _outermost(shown))


def _programs() -> list[str]:
    """Programs of the machine, and this interpreter: each link on the way to it."""
    paths = [*_PROGRAMS, f"{sys.prefix}/pyvenv.cfg", f"{sys.prefix}/bin", f"{sys.base_prefix}/bin"]
    program = Path(sys.executable)
    while program.is_symlink():
        program = program.parent / program.readlink()
        paths.append(str(program.parent))
    return paths


def _is_installed(entry: str) -> bool:
    """True if an entry of `sys.path` is part of the installation, not of a project."""
    if Path(entry).name in _PACKAGES or entry.endswith(".zip"):
        return Path(entry).exists()
    if any(Path(entry).glob("*.dist-info")):
        return True
    homes = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return any(entry == home or _is_beneath(entry, home) for home in homes)


def locations(name: str) -> list[str]:
    """The directories or the file of a top-level module. Raises `ModuleNotFoundError`."""
    loaded = sys.modules.get(name)
    spec = getattr(loaded, "__spec__", None) or importlib.util.find_spec(name)
    if spec is None:
        msg = f"No module named {name!r}"
        raise ModuleNotFoundError(msg, name=name)
    if spec.submodule_search_locations:
        return [str(Path(folder)) for folder in spec.submodule_search_locations]
    return [spec.origin] if spec.origin and isinstance(spec, importlib.machinery.ModuleSpec) else []


def _outermost(paths: Iterable[str]) -> dict[str, str]:
    """Map the existing paths to their targets, without those beneath another one."""
    outermost: dict[str, str] = {}
    for path in sorted({os.path.normpath(path) for path in paths}):
        if Path(path).exists() and not any(_is_beneath(path, other) for other in outermost):
            outermost[path] = os.path.realpath(path)
    return outermost


def _is_beneath(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
