"""The output of a subject, made fit for every terminal while its cell runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import IO, Any, cast

from flagbench.printable import printable


class _Printable:
    """A stream that writes the printable form of a text, and is the other stream else."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text. Returns its length, as it was given."""
        self._stream.write(printable(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write each text."""
        for line in lines:
            self.write(line)

    def close(self) -> None:
        """Do nothing: the stream is the process', which runs other series, too."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def shown() -> Iterator[None]:
    """Write to both streams of the process what a terminal shows and does not obey."""
    out, error = (cast("IO[str]", _Printable(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(error):
        yield
