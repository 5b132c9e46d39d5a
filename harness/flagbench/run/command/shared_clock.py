"""The time of a cell, in a file that the Pythons of its command read."""

import mmap
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flagbench.run.command.python_start.flagbench_clock import SIZE

_NANOSECONDS_PER_TICK = 1_000
_TIME = struct.Struct("<q")


@contextmanager
def shared_in(path: Path) -> Iterator[Callable[[int], None]]:
    """Create the file. What is yielded writes the microseconds since the start of the cell."""
    path.write_bytes(struct.pack("<qq", time.time_ns(), 0))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), SIZE) as shared:

        def show(microseconds: int) -> None:
            _TIME.pack_into(shared, SIZE - _TIME.size, microseconds * _NANOSECONDS_PER_TICK)

        yield show
