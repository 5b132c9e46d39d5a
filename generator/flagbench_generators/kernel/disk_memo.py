"""Results of pure functions kept between runs, in a folder named by the environment."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

# Set to share results between many sessions on the same answers; nothing is kept if unset.
FOLDER_VARIABLE = "SUBJECT_CACHE_DIR"


def memoise(name: str, text: str, make: Callable[[str], str]) -> str:
    """Return `make(text)`, computed once for each text and `name` (the function and its version).

    Each result is a file of the folder, written atomically, so several processes may share it. With
    a folder that cannot be read or written, the result is computed every time.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return make(text)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    path = Path(folder, name, digest[:2], digest)
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):  # not there yet, or damaged
        result = make(text)
    try:
        data = result.encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except (OSError, UnicodeEncodeError):
        pass
    return result
