"""Places: the directory of one application, which its children share, in the fork server's view."""

import secrets
import stat
from collections.abc import Collection
from pathlib import Path

from flagbench.acceptance.sandbox import linux_calls, root_filesystem
from flagbench.acceptance.sandbox.cleanup import remove_tree
from flagbench.acceptance.sandbox.limits import Limits


class Places:
    """The places of a fork server by number; each is a separate disk of limited size if `has_root`.

    `folder` holds them where the children share the file system.
    """

    def __init__(self, folder: str, limits: Limits, *, has_root: bool) -> None:
        self._folder = root_filesystem.PLACES if has_root else folder
        self._limits = limits
        self._has_root = has_root
        self._open: set[int] = set()

    def open(self, number: int) -> str:
        """Make a place unless it exists; its path. Raises `OSError`."""
        path = self._path(number)
        if number not in self._open:
            Path(path).mkdir(mode=0o700)
            if self._has_root:
                root_filesystem.mount_disk(path, self._limits.disk_bytes, self._limits.disk_files)
            self._open.add(number)
        return path

    def tidy(self, number: int, kept: Collection[str]) -> None:
        """Remove everything from a place but the `kept` files at its top.

        Raises `OSError` if something is left, as a mount would be.
        """
        place = Path(self._path(number))
        for entry in list(place.iterdir()):
            if not stat.S_ISDIR(entry.lstat().st_mode):
                if entry.name not in kept or not stat.S_ISREG(entry.lstat().st_mode):
                    entry.unlink()
                continue
            # Under a name that nothing has: what is removed is moved next to it.
            aside = place / f".{secrets.token_hex(16)}"
            entry.rename(aside)
            remove_tree(str(aside))
        left = sorted(entry.name for entry in place.iterdir() if entry.name not in kept)
        if left:
            msg = f"{left[0]!r} cannot be removed"
            raise OSError(msg)

    def close(self, number: int) -> None:
        """Remove a place."""
        if number not in self._open:
            return
        self._open.remove(number)
        path = self._path(number)
        if self._has_root:
            linux_calls.detach(path)
            Path(path).rmdir()
        else:
            remove_tree(path)

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number}"
