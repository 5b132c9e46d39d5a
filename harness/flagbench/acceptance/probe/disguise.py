"""Removal of this package from a child that is about to run generated code."""

import sys
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = __name__.partition(".")[0]
_FOLDER = Path(__file__).resolve().parents[2]
# Listed once, before the fork: a look at each of the thousands of names that are loaded would copy
# their pages in every child, which takes 5 ms.
_MODULES = frozenset(
    ".".join(path.relative_to(_FOLDER.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in (_FOLDER, *_FOLDER.rglob("*"))
    if path.suffix == ".py" or path.is_dir()
)


def begin(*argv: str) -> None:
    """Leave nothing of the harness to import, and the `sys.argv` of an ordinary process.

    What is still needed lives on in the frames and functions that use it.
    """
    own = {str(_FOLDER.parent)}
    sys.path[:] = [
        entry
        for entry in sys.path
        if str(Path(entry).resolve()) not in own or _has_other_packages(entry)
    ]
    for name in _MODULES:
        sys.modules.pop(name, None)
    if find_spec(_PACKAGE) is not None:  # installed among the packages that generated code may use
        sys.modules[_PACKAGE] = None  # type: ignore[assignment]
    sys.argv[:] = argv
    sys.path.insert(0, str(Path.cwd()))


def _has_other_packages(entry: str) -> bool:
    return any(Path(entry).glob("*.dist-info"))
