"""Packages that an application imports and the judge's environment lacks."""

import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement

# The packages that an application may import, in pip's format.
REQUIREMENTS = "requirements.txt"
_MISSING_MODULE = re.compile(r"No module named '(\w+)")


def lacking(message: str, files: Mapping[str, str]) -> str | None:
    """The module that is missing here according to the message of a failed check, else None.

    An application that lists its packages in `REQUIREMENTS` may import no others: with all of those
    installed, a missing module is the application's own fault. Without a list nobody knows.
    """
    match = _MISSING_MODULE.search(message)
    if match is None or _is_known(match[1], files):
        return None
    declared = files.get(REQUIREMENTS)
    return None if declared is not None and all(map(_is_installed, _names(declared))) else match[1]


def _is_known(module: str, files: Mapping[str, str]) -> bool:
    """True for a module of the application, of Python, or of an installed package."""
    own = {PurePosixPath(path).parts[0].removesuffix(".py") for path in files}
    return module in own or module in sys.stdlib_module_names or find_spec(module) is not None


def _names(requirements: str) -> list[str]:
    """The names of the packages that a list requires on this platform; options are left out."""
    names = []
    for line in requirements.splitlines():
        try:
            requirement = Requirement(line.partition(" #")[0].strip())
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            names.append(requirement.name)
    return names


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
