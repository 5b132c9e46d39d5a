"""Limits that every Unix has."""

import resource
import sys
from pathlib import Path

from harness.acceptance.jail.limits import Limits

# Others of the same user come and go while a child runs; this only stops what runs away.
_SPARE_TASKS = 1024
# What a Unix gives a program; deep recursion then ends as it does outside.
_STACK_BYTES = 8 * 1024 * 1024


def limit_use(limits: Limits, mapped_bytes: int, tasks: int) -> None:
    """Limit this process for good.

    `mapped_bytes` is what it maps already. `tasks` is how many processes and threads there are on
    the machine: the kernel counts those of the user, or none of root's. Memory is limited on Linux
    alone: macOS does not hold its limit. Raises `OSError`.
    """
    wanted = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_STACK: _STACK_BYTES,
    }
    if sys.platform == "linux":
        wanted[resource.RLIMIT_AS] = mapped_bytes + limits.memory_bytes
        wanted[resource.RLIMIT_NPROC] = tasks + _SPARE_TASKS
        wanted[resource.RLIMIT_MSGQUEUE] = 0
        wanted[resource.RLIMIT_MEMLOCK] = 0
    else:
        # Elsewhere it counts processes and not threads: one more than there are is one too many.
        wanted[resource.RLIMIT_NPROC] = 1
    refused = []
    for kind, most in wanted.items():
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (least, least))
        except (OSError, ValueError) as error:
            refused.append(str(error))
    if refused:
        raise OSError("; ".join(refused))


def count_tasks() -> int:
    """The processes and threads on this machine (proc(5), loadavg); 0 where nobody tells."""
    try:
        return int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].split("/")[1])
    except (OSError, ValueError, IndexError):
        return 0
