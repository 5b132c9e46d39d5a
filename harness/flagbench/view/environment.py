"""The environment of the templates: filters for code, numbers and links."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

from flagbench.printable import printable
from flagbench.report.html.environment import TEMPLATES as REPORT_TEMPLATES
from flagbench.report.text import table
from flagbench.shown_numbers import number
from flagbench.view import addresses

TEMPLATES = Path(__file__).parent / "templates"


def _code(text: str, language: str, line: int = 0) -> Markup:
    """A text with highlighted words; `language` is the name of a file or of a language."""
    try:
        lexer = get_lexer_for_filename(language) if "." in language else get_lexer_by_name(language)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    marked = HtmlFormatter(cssclass="code", hl_lines=[line] if line else [])
    return Markup(highlight(printable(text), lexer, marked))  # noqa: S704  Pygments has escaped it


def _language(text: str) -> str:
    """The language of a prompt or an answer: JSON where it begins as such, else Markdown."""
    return "json" if text.lstrip()[:1] in ("{", "[") else "markdown"


def _shares(start: float, end: float, whole: float) -> tuple[float, float]:
    """Left edge and width of a bar, in per cent of the cell's time."""
    if not whole:
        return 0.0, 0.0
    return round(100 * start / whole, 3), round(100 * (end - start) / whole, 3)


@cache
def environment() -> Environment:
    """The templates of the pages, and those of the report whose macros they use."""
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, REPORT_TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    made.filters.update(
        code=_code,
        language=_language,
        number=number,
        link=addresses.link,
        anchor=addresses.anchor,
        change=table.change,
    )
    made.globals.update(shares=_shares)
    return made
