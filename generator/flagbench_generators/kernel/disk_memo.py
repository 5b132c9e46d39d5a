"""Pure work that is kept between runs, where someone says in which folder."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

# Set by whoever runs many sessions on the same answers; unset, nothing is kept.
FOLDER_VARIABLE = "SUBJECT_CACHE_DIR"


def memoised(name: str, text: str, make: Callable[[str], str]) -> str:
    """What `make` answers for the text, made once for each `name` (the work and its version).

    A file for each text, written whole, so that several processes may share the folder. A folder
    that cannot be used costs time and nothing else.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return make(text)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    path = Path(folder, name, digest[:2], digest)
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):  # not there yet, or damaged
        made = make(text)
    try:
        data = made.encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except (OSError, UnicodeEncodeError):
        pass
    return made
