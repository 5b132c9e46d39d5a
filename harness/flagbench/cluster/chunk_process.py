"""The process of a chunk: pytest, for as long as the worker lives."""

import os
import signal
import sys
import threading

import pytest


def _end_with_worker(stream: int) -> None:
    """Wait for the end of a pipe that the worker holds open, and end all processes of the chunk."""
    os.read(stream, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    # pytest puts another file in the place of standard input.
    threading.Thread(target=_end_with_worker, args=(os.dup(0),), daemon=True).start()
    raise SystemExit(pytest.main(sys.argv[1:]))
