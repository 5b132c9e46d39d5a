"""Files of /proc about the own process, opened before the root changes to one without /proc."""

import contextlib
import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path

from flagbench.acceptance.sandbox import linux_calls, namespaces

# Above the default of 0: out of memory, the kernel ends these processes before the test run.
_OOM_SCORE = "500"


class ProcessStatus:
    """Size, threads, children and pid namespace of the fork server."""

    def __init__(self) -> None:
        self._size = self._threads = self._children = self._pid_namespace = -1
        self._files = os.open("/dev/fd", os.O_RDONLY | os.O_DIRECTORY)
        if sys.platform == "linux":
            # "self" also resolves for a process in another pid namespace.
            me, here = "/proc/self", os.O_RDONLY
            with contextlib.suppress(OSError):
                self._size = os.open(f"{me}/statm", here)
                self._threads = os.open(f"{me}/task", here | os.O_DIRECTORY)
                self._pid_namespace = os.open(f"{me}/ns/pid", here)
                self._children = os.open("/proc/thread-self/children", here)
            with contextlib.suppress(OSError):
                Path(f"{me}/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")

    def mapped_bytes(self) -> int:
        """The size of all mappings; 0 if unknown."""
        if self._size == -1:
            return 0
        return int(os.pread(self._size, 200, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self) -> set[int]:
        """The open descriptors."""
        files = set()
        for file in map(int, os.listdir(self._files)):  # noqa: PTH208  Path takes no descriptor
            with contextlib.suppress(OSError):  # the one that listing itself had open
                os.fstat(file)
                files.add(file)
        return files

    def threads(self) -> int:
        """The number of threads; 0 if unknown."""
        return len(os.listdir(self._threads)) if self._threads != -1 else 0  # noqa: PTH208  as above

    def return_to_pid_namespace(self) -> None:
        """Return to the own pid namespace for the next child. Raises `OSError`."""
        linux_calls.enter_namespace(self._pid_namespace, namespaces.PID_FLAG)

    def end_strays(self, living: Collection[int]) -> None:
        """End adopted processes: children of ended children, which are not in `living`.

        There are none with seccomp or a pid namespace; in the latter, process ids differ as well.
        """
        while self._children != -1 and os.getpid() != 1:
            children = {int(number) for number in os.pread(self._children, 65536, 0).split()}
            strays = children - set(living)
            if not strays:
                break
            for stray in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(stray, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(stray, 0)
