"""Installed packages that a process has loaded: whether their files were changed by hand.

`RECORD` says what was installed, which is not what somebody has edited since then.
"""

import hashlib
import os
import sys
from functools import cached_property
from pathlib import Path

from flagbench.installed_files import installed_folders
from flagbench.series.known_cells.file_digests import CLOCK_SECONDS, began, files_below

_FOLDERS = ("site-packages", "dist-packages")
_BETWEEN = "/"  # which is in no name


class LoadedPackages:
    """Packages and single modules by their names in the folders of installed packages."""

    def __init__(self) -> None:
        self._end_of_modules = (0, "")
        self._names = ""
        self._of_names: dict[str, tuple[str, bool]] = {}

    def names(self) -> str:
        """Names of all that is loaded by now, as one text."""
        # Modules are in the order of their import: nothing is new behind the same last one.
        end = len(sys.modules), next(reversed(sys.modules))
        if end != self._end_of_modules:
            self._end_of_modules = end
            files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
            found = {
                file[len(folder) :].partition(os.sep)[0]
                for file in files
                if isinstance(file, str)
                for folder in self._folders
                if file.startswith(folder)
            }
            self._names = _BETWEEN.join(sorted(found))
        return self._names

    def digest(self, names: str) -> str:
        """The digest of the names, sizes and times of change of all files of these packages."""
        of_each = (self._of(name)[0] for name in names.split(_BETWEEN))
        return hashlib.sha256("\n".join(of_each).encode()).hexdigest()

    def are_settled(self, names: str) -> bool:
        """True if none of these packages was changed since this process began."""
        return all(self._of(name)[1] for name in names.split(_BETWEEN))

    @cached_property
    def _folders(self) -> list[str]:
        return [folder for folder in installed_folders() if Path(folder).name in _FOLDERS]

    def _of(self, name: str) -> tuple[str, bool]:
        if name not in self._of_names:
            digest, latest = hashlib.sha256(), 0.0
            for place in (folder + name for folder in self._folders):
                for path in [place, *files_below(place)]:
                    try:
                        status = os.stat(path)  # noqa: PTH116  it is called for some thousand files
                    except OSError:
                        continue
                    if path != place or not os.path.isdir(path):  # noqa: PTH112
                        said = f"{path} {status.st_size} {status.st_mtime_ns}\n"
                        digest.update(said.encode("utf-8", "surrogateescape"))
                        latest = max(latest, status.st_mtime, status.st_ctime)
            self._of_names[name] = digest.hexdigest(), latest <= began() - CLOCK_SECONDS
        return self._of_names[name]
