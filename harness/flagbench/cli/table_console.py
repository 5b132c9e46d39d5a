"""The console of commands that print wide tables."""

from rich.console import Console

from flagbench.plain_console import plain_console

_WIDTH = 130
_PIPED_WIDTH = 1_000


def table_console() -> Console:
    """A console for tables; lines in a pipe are not cut."""
    return plain_console(width=_WIDTH, piped_width=_PIPED_WIDTH)
