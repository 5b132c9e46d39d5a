"""What an installation of the core consists of, read from the metadata of this environment."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def _closure(name: str, extras: frozenset[str], seen: dict[str, Distribution]) -> None:
    """Add a distribution and everything that it requires here, with these extras."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen and not extras:
        return
    seen[key] = found = distribution(name)
    for text in found.requires or ():
        wanted = Requirement(text)
        contexts = [{"extra": extra} for extra in (*extras, "")]
        if wanted.marker is None or any(wanted.marker.evaluate(context) for context in contexts):
            _closure(wanted.name, frozenset(wanted.extras), seen)


def core() -> dict[str, Distribution]:
    """The distributions that a plain `pip install flagbench` brings, itself included."""
    seen: dict[str, Distribution] = {}
    _closure("flagbench", frozenset(), seen)
    return seen


def top_levels(found: Distribution) -> Iterator[str]:
    """The names in site-packages that a distribution owns."""
    for path in found.files or ():
        top = path.parts[0]
        if top not in ("..", "__pycache__") and not top.startswith("__editable__"):
            yield top
