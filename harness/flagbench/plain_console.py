"""Consoles that print text as it is: words in brackets or between colons are never markup."""

from typing import IO

from rich.console import Console


def plain_console(
    *,
    file: IO[str] | None = None,
    stderr: bool = False,
    width: int | None = None,
    piped_width: int | None = None,
    has_colours: bool | None = None,
) -> Console:
    """A console on a file, else on standard output or standard error.

    Lines are not wrapped by rich, so that a pipe is readable. `width` is the least one at a
    terminal, `piped_width` that of a pipe; by default both are as rich finds them. `has_colours`
    overrides what rich finds out about the file.
    """
    console = Console(
        file=file,
        stderr=stderr,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
        force_terminal=has_colours,
        color_system="auto" if has_colours is None else "standard" if has_colours else None,
    )
    if width is not None:
        console.width = max(console.width, width)
    if piped_width is not None and not console.is_terminal:
        console.width = piped_width
    return console
