"""Removal of this package from a child that is about to run generated code."""

import sys
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = __name__.partition(".")[0]


def begin(*argv: str) -> None:
    """Leave nothing of the harness to import, and the `sys.argv` of an ordinary process.

    What is still needed lives on in the frames and functions that use it.
    """
    own = {str(Path(__file__).resolve().parents[3])}
    sys.path[:] = [
        entry
        for entry in sys.path
        if str(Path(entry).resolve()) not in own or _has_other_packages(entry)
    ]
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]
    if find_spec(_PACKAGE) is not None:  # installed among the packages that generated code may use
        sys.modules[_PACKAGE] = None  # type: ignore[assignment]
    sys.argv[:] = argv
    sys.path.insert(0, str(Path.cwd()))


def _has_other_packages(entry: str) -> bool:
    return any(Path(entry).glob("*.dist-info"))
