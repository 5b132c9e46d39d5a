"""The end of a command whose output nobody reads any more, as that of `flagbench ... | head`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

EXIT_CODE = 128 + 13
"""128 + SIGPIPE, as shells have it: no verdict and no answer of a gate."""


def end() -> NoReturn:
    """Raise `SystemExit`; what could not be written is dropped."""
    drop_unwritten()
    raise SystemExit(EXIT_CODE) from None


def drop_unwritten() -> None:
    """Drop what could not be written, which would have an exit code of its own at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):  # a stream without a file
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def ends_quietly() -> Iterator[None]:
    """End the command where what is written in the block has no reader."""
    try:
        yield
    except BrokenPipeError:
        end()
