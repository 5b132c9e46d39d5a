"""Removal of a child's files, however deep and whatever their modes."""

import contextlib
import os
import stat
from pathlib import Path


def remove_tree(folder: str) -> None:
    """Remove a folder and everything in it, as far as that is allowed; links are not followed.

    Each nested folder is first moved next to `folder`: neither paths nor recursion grow, as they
    would with deeply nested folders of hostile code.
    """
    pending = [folder]
    moved = 0
    while pending:
        place = pending.pop()
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
                pending.append(aside)
            Path(place).rmdir()
