"""Gates that a project declares in pytest's configuration, as `flagbench_gates`."""

from collections.abc import Sequence
from pathlib import Path

from flagbench.cli import ini_lines

KEY = "flagbench_gates"


def conditions(given: Sequence[str]) -> tuple[Sequence[str], str]:
    """The conditions of the command line, else those of the project; and where they are from.

    Raises `InputError` for a configuration that cannot be read.
    """
    if given:
        return given, "--fail-if"
    path, _, content = ini_lines.configured(Path.cwd())
    declared = content.get(KEY, [])
    lines = declared.splitlines() if isinstance(declared, str) else map(str, declared)
    return [line.strip() for line in lines if line.strip()], f"{KEY} in {path.name}"
