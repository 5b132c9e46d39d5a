"""Names by which SQLite opens a database: paths and URIs."""

import os
from urllib.parse import parse_qs, unquote, urlsplit


def database_file(name: object) -> tuple[str, str]:
    """The file that SQLite opens by a name, and the mode of a URI; both are "" if there is none."""
    if not isinstance(name, (str, bytes, os.PathLike)):
        return "", ""
    path, mode = os.fsdecode(name), ""
    if path.startswith("file:"):
        parts = urlsplit(path)
        path, mode = unquote(parts.path), parse_qs(parts.query).get("mode", [""])[-1]
    return ("" if path == ":memory:" or mode == "memory" else path), mode
