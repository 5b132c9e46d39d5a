"""Consoles that print text as it is: words in brackets or between colons are never markup."""

import sys
from collections.abc import Iterable
from typing import IO, Any, NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from flagbench import closed_pipe
from flagbench.printable import printable

_WIDEST = 10_000


class _PlainConsole(Console):
    """A console on which foreign text, also that of a `Text`, controls no terminal."""

    def on_broken_pipe(self) -> NoReturn:
        """End the command: rich's exit code 1 would be the answer FAIL of a gate."""
        closed_pipe.end()

    def render_str(self, text: str, **more: Any) -> Text:
        """A text as it is shown, so that a column is as wide as what is in it."""
        return super().render_str(printable(text), **more)

    def print(self, *objects: Any, **more: Any) -> None:
        """Print, a table at least as wide as its columns that do not wrap, so that none is cut."""
        before = self._width  # None follows the terminal
        if (needed := max(map(self._needed, objects), default=0)) > self.width:
            self.width = needed
        try:
            super().print(*objects, **more)
        finally:
            self._width = before

    def _needed(self, shown: object) -> int:
        """The least width of a table: of its longest words, or texts where they do not wrap."""
        if not isinstance(shown, Table):
            return 0
        unbound = self.options.update(max_width=_WIDEST)
        width = 0
        for column in shown.columns:
            cells = [
                Measurement.get(self, unbound, cell) for cell in (column.header, *column.cells)
            ]
            width += max(cell.maximum if column.no_wrap else cell.minimum for cell in cells)
        _, right, _, left = shown.padding
        return width + (left + right + 1) * len(shown.columns)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments; rich's own control codes are segments of their own."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


def plain_console(
    *,
    file: IO[str] | None = None,
    stderr: bool = False,
    width: int | None = None,
    piped_width: int | None = None,
    has_colours: bool | None = None,
) -> Console:
    """A console on a file, else on standard output or standard error.

    Lines are not wrapped by rich, so that a pipe is readable, and no figure of a table is cut; a
    terminal that is too narrow wraps them itself. `width` is the least one at a
    terminal, `piped_width` that of a pipe; by default both are as rich finds them. `has_colours`
    overrides what rich finds out about the file. Characters that a terminal obeys are shown as
    their escapes.
    """
    console = _PlainConsole(
        # That of now: while a subject runs, what is printed on them is not ours.
        file=file or (sys.stderr if stderr else sys.stdout),
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
