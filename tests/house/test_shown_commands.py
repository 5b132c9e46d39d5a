"""Commands that are shown are made by `shell_command`, which quotes what needs it."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The text before a value that is put into a command as it is.
COMMAND = re.compile(r"(\bflagbench [a-z][a-z-]+|\b(cd|rm))( [^:;,()`]*)? ['\"]?$")


def unquoted(source: str) -> Iterator[int]:
    """The lines of a source on which a value is put into a command without quotes."""
    for node in ast.walk(ast.parse(source)):
        for text, value in pairwise(node.values if isinstance(node, ast.JoinedStr) else ()):
            is_before = isinstance(text, ast.Constant) and isinstance(value, ast.FormattedValue)
            if is_before and COMMAND.search(str(text.value)):
                yield node.lineno


def test_no_command_is_put_together_without_quotes() -> None:
    """A path with a blank or a quote would be another command."""
    folder = ROOT / "harness" / "flagbench"
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(folder.rglob("*.py"))
        for line in unquoted(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_what_it_finds() -> None:
    """Values in commands, and not those after them."""
    source = (
        'f\'cd "{a}"\'\nf"flagbench run {a} --fresh"\nf"fix: flagbench record x {a}"\n'
        'f"flagbench proxy: {a}"\nf"{b} (flagbench run); {a}"\n'
    )
    assert list(unquoted(source)) == [1, 2, 3]
