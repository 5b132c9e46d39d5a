"""Foreign text in Markdown: a code span, in which nothing is markup, a link or a mention."""

from flagbench.printable import printable


def code(text: str, length: int) -> str:
    """A text as a code span of one line; a longer one than `length` is cut. "" stays "".

    A subject's and a model's words would otherwise be live on a page of a pull request: images that
    call home, links with another's name, mentions of people. A back-tick would end the span, so it
    becomes an apostrophe.
    """
    shown = truncate(one_line(printable(text).replace("`", "'")), length)
    return shown and f"`{shown}`"


def table_cell(text: str, length: int) -> str:
    """A text as the code span of a cell, in which a bar, even in a span, would begin the next."""
    return code(text.replace("|", "¦"), length)


def truncate(text: str, length: int) -> str:
    """A text of at most `length` characters, with the mark of a cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def one_line(text: str) -> str:
    """The lines of a text in one, without needless blanks."""
    return "; ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
