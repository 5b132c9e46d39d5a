"""Files that may be scenarios, by their names and by the look of their text."""

import re
from pathlib import Path

SUFFIXES = (".yaml", ".yml")
# A file that is named on the command line is a scenario only if it looks like one: other plugins
# collect YAML too.
_KEYS = re.compile(r"^(subject|requests|combinations|targets|trials|design)\s*:", re.MULTILINE)


def is_scenario_text(path: Path) -> bool:
    """True for a file with a key of a scenario at the beginning of a line."""
    return path.is_file() and bool(_KEYS.search(path.read_text(encoding="utf-8", errors="replace")))
