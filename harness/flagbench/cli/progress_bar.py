"""A bar for the items of a loop, on standard error."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

T = TypeVar("T")


@contextmanager
def tracked(
    items: Iterable[T], words: str, total: int, console: Console, *, is_shown: bool = True
) -> Iterator[Iterator[T]]:
    """The items, with a bar that is gone at the end of the context, however that comes.

    The generator of rich's `track`, when a loop is left in its middle, waits for a thread as
    Python ends, and from Python 3.13 on it waits for ever.
    """
    with Progress(console=console, transient=True, disable=not is_shown) as progress:
        bar = progress.add_task(words, total=total)

        def each() -> Iterator[T]:
            for item in items:
                yield item
                progress.advance(bar)

        yield each()
