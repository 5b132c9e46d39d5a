"""The process of a chunk: pytest, for as long as the worker lives."""

import os
import signal
import sys
import threading

import pytest

from flagbench.pytest_plugin.collector import WITHOUT_PAGES


def _end_with_worker(stream: int) -> None:
    """Wait for the end of a pipe that the worker holds open, and end all processes of the chunk."""
    os.read(stream, 1)
    os.killpg(0, signal.SIGKILL)


class _WithoutPages:
    """A plugin of pytest: pages are made of all chunks, where they are merged."""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Say so to the collector of results."""
        config.stash[WITHOUT_PAGES] = True


if __name__ == "__main__":
    # pytest puts another file in the place of standard input.
    threading.Thread(target=_end_with_worker, args=(os.dup(0),), daemon=True).start()
    raise SystemExit(pytest.main(sys.argv[1:], plugins=[_WithoutPages()]))
