"""The standards as texts: whole, compressed, and their examples, which are clean code."""

import re
from collections.abc import Sequence
from pathlib import Path

import black
import pytest
from flake8.api.legacy import get_style_guide

GENERATORS = Path(__file__).resolve().parents[2] / "generator" / "flagbench_generators"


def standard(name: str) -> Path:
    """The file of a standard, whichever generator has it."""
    (path,) = GENERATORS.glob(f"*/standards/{name}.md")
    return path


def full(kind: str) -> str:
    """The full standard of a kind."""
    return standard(kind).read_text(encoding="utf-8")


def compressed(kind: str) -> str:
    """The compressed standard of a kind."""
    return standard(f"compressed/{kind}").read_text(encoding="utf-8")


def code_blocks(kind: str) -> list[str]:
    """The Python examples of a full standard."""
    return re.findall(r"^```python\n(.*?)^```$", full(kind), re.MULTILINE | re.DOTALL)


def complete_example(kind: str) -> str:
    """The one example that is a whole file: it starts with a module docstring."""
    (example,) = [block for block in code_blocks(kind) if block.startswith('"""')]
    return example


def assert_clean(paths: Sequence[Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Fail where black would change a file at 79 columns, or flake8 finds something in it."""
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert black.format_str(text, mode=black.Mode(line_length=79)) == text, path
    report = get_style_guide(max_line_length=79).check_files([str(path) for path in paths])
    assert report.total_errors == 0, capsys.readouterr().out
