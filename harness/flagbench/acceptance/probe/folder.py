"""The content of files, whoever wrote them."""

import os
from pathlib import Path


def holding(words: list[str]) -> list[str]:
    """The files below the current folder that have one of these words, in letters of any case."""
    wanted = [word.lower().encode() for word in words]
    found = []
    for folder, _, names in os.walk("."):
        for path in (Path(folder, name) for name in sorted(names)):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes().lower()
                if any(word in data for word in wanted):
                    found.append(path.as_posix())
    return sorted(found)
