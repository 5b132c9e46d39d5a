"""Milliseconds that this machine takes for memory and processes, of which a test run is made."""

import mmap
import os
import time

PASSES, FORKS, MEMORY_BYTES = 4, 50, 64 << 20


def main() -> None:
    """Print them."""
    start = time.perf_counter()
    memory = mmap.mmap(-1, MEMORY_BYTES)
    for _ in range(PASSES):
        for place in range(0, MEMORY_BYTES, mmap.PAGESIZE):
            memory[place] = 1
    for _ in range(FORKS):
        if os.fork() == 0:
            os._exit(0)
        os.wait()
    print(round(1000 * (time.perf_counter() - start)))  # noqa: T201  for a shell


if __name__ == "__main__":
    main()
