"""Removal of this package from a child that is about to run generated code."""

import sys
from importlib.machinery import PathFinder
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
# Where other packages are found, by the same reasoning: the folders of packages are long lists.
_PATH = tuple(
    entry
    for entry in sys.path
    if Path(entry).resolve() != _FOLDER.parent or any(Path(entry).glob("*.dist-info"))
)
# Installed among the packages that generated code may use.
_IS_AMONG_OTHERS = PathFinder.find_spec(_PACKAGE, _PATH) is not None


def begin(*argv: str) -> None:
    """Leave nothing of the harness to import, and the `sys.argv` of an ordinary process.

    What is still needed lives on in the frames and functions that use it.
    """
    sys.path[:] = [str(Path.cwd()), *_PATH]
    for name in _MODULES:
        sys.modules.pop(name, None)
    if _IS_AMONG_OTHERS:
        sys.modules[_PACKAGE] = None  # type: ignore[assignment]
    sys.argv[:] = argv
