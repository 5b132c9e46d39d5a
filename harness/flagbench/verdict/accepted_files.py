"""Texts of the files behind a baseline: `baselines/<scenario>.files.xz`.

An accepted session cannot be run again, and its files cannot be made from its recordings alone. The
combinations of a scenario share most files, so that all of them take about ten kilobytes.
"""

import json
import lzma
from collections.abc import Mapping
from pathlib import Path

from flagbench import text_file
from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem

Texts = Mapping[str, str]
"""Digest of a file, as in a trace -> its text."""


def path_of(folder: Path, scenario: str) -> Path:
    """The path of the accepted files of a scenario."""
    return folder / f"{scenario}.files.xz"


def load(path: Path) -> Texts:
    """Read the accepted files, empty without a file. Raises `InputError` for an invalid one."""
    try:
        texts = json.loads(lzma.decompress(text_file.read_bytes(path)))
        return {str(digest): str(text) for digest, text in texts.items()}
    except FileNotFoundError:
        return {}
    except (OSError, lzma.LZMAError, ValueError, AttributeError) as error:
        fix = "restore it from version control, or flagbench run --accept-baselines"
        what = f"cannot be read: {error}"
        raise InputError(Problem(what, where=str(path), fix=fix)) from error


def save(path: Path, texts: Texts) -> None:
    """Write the file atomically; equal texts give equal bytes."""
    content = json.dumps(dict(sorted(texts.items()))).encode()
    write_whole(path, lzma.compress(content, preset=9))
