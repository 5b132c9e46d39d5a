"""What a process can see of itself in /proc, held open: its root will be without."""

import contextlib
import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path

from flagbench.acceptance.sandbox import linux_calls, namespaces

# Above the default of 0: where memory ends, the kernel ends these first, and not the test run.
_FIRST_TO_GO = "500"


class ProcessStatus:
    """The warm parent's own size, threads, children and pid namespace."""

    def __init__(self) -> None:
        self._size = self._threads = self._children = self._pid_namespace = -1
        self._files = os.open("/dev/fd", os.O_RDONLY | os.O_DIRECTORY)
        if sys.platform == "linux":
            # One that lives in another pid namespace still finds itself here by "self".
            me, here = "/proc/self", os.O_RDONLY
            with contextlib.suppress(OSError):
                self._size = os.open(f"{me}/statm", here)
                self._threads = os.open(f"{me}/task", here | os.O_DIRECTORY)
                self._pid_namespace = os.open(f"{me}/ns/pid", here)
                self._children = os.open("/proc/thread-self/children", here)
            with contextlib.suppress(OSError):
                Path(f"{me}/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")

    def mapped_bytes(self) -> int:
        """The size of all mappings; 0 where nobody tells."""
        if self._size == -1:
            return 0
        return int(os.pread(self._size, 200, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self) -> set[int]:
        """The descriptors that are open."""
        found = set()
        for file in map(int, os.listdir(self._files)):  # noqa: PTH208  Path takes no descriptor
            with contextlib.suppress(OSError):  # the one that listing itself had open
                os.fstat(file)
                found.add(file)
        return found

    def threads(self) -> int:
        """The number of threads; 0 where nobody tells."""
        return len(os.listdir(self._threads)) if self._threads != -1 else 0  # noqa: PTH208  as above

    def return_to_pid_namespace(self) -> None:
        """Let the next child be in this process's own pid namespace. Raises `OSError`."""
        linux_calls.enter_namespace(self._pid_namespace, namespaces.PID_FLAG)

    def end_strays(self, living: Collection[int]) -> None:
        """End adopted children: what a child left behind that is not in `living`.

        There are none where seccomp or a pid namespace stands; in the latter the numbers, too,
        would be others.
        """
        while self._children != -1 and os.getpid() != 1:
            strays = {int(one) for one in os.pread(self._children, 65536, 0).split()} - set(living)
            if not strays:
                break
            for stray in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(stray, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(stray, 0)
