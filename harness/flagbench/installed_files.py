"""Files of Python and of installed packages, as against those of the project."""

import os
import sys
import sysconfig
from functools import cache
from pathlib import Path


@cache
def installed_folders() -> tuple[str, ...]:
    """The folders of Python and its packages, as they are and with links followed."""
    paths = sysconfig.get_paths()
    folders = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [
        entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")
    ]
    folders.append(str(Path(__file__).parents[1]))
    both = dict.fromkeys([*folders, *map(os.path.realpath, folders)])
    return tuple(folder.rstrip(os.sep) + os.sep for folder in both)


def is_installed(path: str) -> bool:
    """True for a file of Python, of the harness, or of an installed package."""
    return path.startswith(installed_folders())
