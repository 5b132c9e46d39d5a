"""What generated code may read: the Python installation and its packages, and no home."""

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

# The C library and what packages link to, and time zones.
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
_PACKAGES = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class ReadablePaths:
    """`path` is `sys.path` for the warm parent; `readable` maps a path to what it is when links
    are followed, none beneath another.
    """

    path: tuple[str, ...]
    readable: Mapping[str, str]


def readable_paths_for(named: Iterable[str]) -> ReadablePaths:
    """The places that these names ("package.module:name") need.

    That is the installation, and of a project only the packages named.
    Raises `ModuleNotFoundError`.
    """
    installed = [entry for entry in sys.path if entry and _is_installed(entry)]
    roots: list[str] = []
    own: list[str] = []
    for name in dict.fromkeys(re.split(r"[.:]", one, maxsplit=1)[0] for one in named):
        for place in _where(name):
            if not any(_is_beneath(place, entry) for entry in installed):
                own.append(place)
                roots.append(str(Path(place).parent))
    libraries = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    libraries += [f"{sys.base_prefix}/lib", f"{sys.base_prefix}/lib64"]
    shown = [*_SYSTEM, *_FILES, *map(str, mimetypes.knownfiles), *libraries, *installed, *own]
    return ReadablePaths(tuple(dict.fromkeys([*installed, *roots])), _outermost(shown))


def _is_installed(entry: str) -> bool:
    """Whether an entry of `sys.path` is part of the installation, not somebody's project."""
    if Path(entry).name in _PACKAGES or entry.endswith(".zip"):
        return Path(entry).exists()
    if any(Path(entry).glob("*.dist-info")):
        return True
    homes = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return any(entry == home or _is_beneath(entry, home) for home in homes)


def _where(name: str) -> list[str]:
    """The directories or the file of a top-level module."""
    loaded = sys.modules.get(name)
    spec = getattr(loaded, "__spec__", None) or importlib.util.find_spec(name)
    if spec is None:
        msg = f"No module named {name!r}"
        raise ModuleNotFoundError(msg, name=name)
    if spec.submodule_search_locations:
        return [str(Path(one)) for one in spec.submodule_search_locations]
    return [spec.origin] if spec.origin and isinstance(spec, importlib.machinery.ModuleSpec) else []


def _outermost(paths: Iterable[str]) -> dict[str, str]:
    """The paths that exist, without those beneath another one, and what each really is."""
    kept: dict[str, str] = {}
    for path in sorted({os.path.normpath(path) for path in paths}):
        if Path(path).exists() and not any(_is_beneath(path, one) for one in kept):
            kept[path] = os.path.realpath(path)
    return kept


def _is_beneath(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
