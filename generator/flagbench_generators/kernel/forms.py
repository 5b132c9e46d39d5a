"""Forms of files: whether a text can be read as what its path says it is."""

import json
from functools import lru_cache
from pathlib import PurePath

import yaml

from flagbench_generators.kernel.formatting import syntax_error


@lru_cache(maxsize=4096)  # pure, and the sessions of a benchmark share answers
def form_error(path: str, text: str) -> str | None:
    """Return why a file cannot be read; None for a readable one, and for a form without a parser.

    Python, JSON and YAML have parsers; any file must have a text.
    """
    if not text.strip():
        return "the file is empty"
    error = None
    match PurePath(path).suffix:
        case ".py":
            error = syntax_error(text)
        case ".json":
            try:
                json.loads(text)
            except (ValueError, RecursionError) as wrong:
                error = str(wrong)
        case ".yaml" | ".yml":
            try:
                list(yaml.safe_load_all(text))
            except (yaml.YAMLError, ValueError, RecursionError) as wrong:
                error = " ".join(str(wrong).split())
    return None if error is None else f"does not parse: {error}"
