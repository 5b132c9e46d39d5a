"""Removing what a child has left, however deep and however guarded."""

import contextlib
import os
import stat
from pathlib import Path


def remove_tree(folder: str) -> None:
    """Remove a folder and all beneath it, as far as that is allowed; links are not followed.

    Each folder found is moved up beside the first one: neither paths nor recursion grow, as they
    would where hostile code made folders in folders.
    """
    found = [folder]
    moved = 0
    while found:
        place = found.pop()
        with contextlib.suppress(OSError):
            Path(place).chmod(stat.S_IRWXU)
            with os.scandir(place) as entries:
                inside = list(entries)
            for entry in inside:
                if not entry.is_dir(follow_symlinks=False):
                    Path(entry.path).unlink()
                    continue
                moved += 1
                aside = f"{folder}.{moved}"
                Path(entry.path).chmod(stat.S_IRWXU)
                Path(entry.path).rename(aside)
                found.append(aside)
            Path(place).rmdir()
