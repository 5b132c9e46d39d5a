"""Consoles on which foreign text is text."""

import io
import re

import pytest
from rich.table import Table
from rich.text import Text

from flagbench.plain_console import plain_console


@pytest.mark.parametrize(
    "text", ["[/students]", "[bold red]x.py", "[link=http://x.invalid]a[/link]", ":smile: [1]"]
)
@pytest.mark.parametrize("has_colours", [True, False])
def test_words_in_brackets_are_not_markup(text: str, has_colours: bool) -> None:
    """On a line, as the title of a column and in a cell; none of them is an error or a link."""
    file = io.StringIO()
    console = plain_console(file=file, width=80, has_colours=has_colours)
    table = Table(box=None)
    table.add_column(text)
    table.add_row(text)
    console.print(text)
    console.print(table)
    assert file.getvalue().count(text) == 3
    assert "x.invalid\x1b" not in file.getvalue()


def test_a_pipe_has_its_own_width() -> None:
    """So that paths are not cut to a width that nobody sees."""
    file = io.StringIO()
    plain_console(file=file, width=20, piped_width=500).print("x" * 400)
    assert file.getvalue() == "x" * 400 + "\n"
    assert plain_console(file=io.StringIO(), width=500).width == 500


@pytest.mark.parametrize("has_colours", [True, False])
def test_no_text_controls_the_terminal(has_colours: bool) -> None:
    """On a line, in a cell, and in a text with a style: only rich's own codes are sent."""
    file = io.StringIO()
    console = plain_console(file=file, width=80, has_colours=has_colours)
    table = Table("a", box=None)
    table.add_row("\x1b]8;;http://x.invalid\x07\ud83d")
    for content in ("\x9b2J\u202e", Text("\x1b[2J\x00", style="bold"), table):
        console.print(content)
    shown = re.sub("\x1b\\[[0-9;]*m", "", file.getvalue())
    assert shown.count("\\x1b") == 2
    assert not re.search("[\x00\x07\x1b\x9b\ud83d\u202e]", shown)


def test_no_figure_of_a_table_is_cut() -> None:
    """A column that does not wrap is as wide as what is in it, however narrow the console is."""
    file = io.StringIO()
    console = plain_console(file=file, piped_width=20)
    table = Table(box=None)
    table.add_column("series")
    table.add_column("tokens", no_wrap=True)
    table.add_column("accepted", no_wrap=True)
    table.add_row("templates and cache", "39,624 → 395 (-99.0%)", "100% → 100%")
    console.print(table)
    shown = file.getvalue()
    assert "39,624 → 395 (-99.0%)  100% → 100%" in shown
    assert "templates " in shown
    assert console.width == 20
