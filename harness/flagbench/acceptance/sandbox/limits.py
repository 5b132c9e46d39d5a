"""What generated code may use up before it is stopped, and the limits that every Unix has."""

import sys
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024

# Others of the same user come and go while a child runs; this only stops what runs away.
_SPARE_TASKS = 1024
# What a Unix gives a program; deep recursion then ends as it does outside.
_STACK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one child. The defaults are several times what a good artifact was seen to use.

    `cpu_seconds` counts over the child's whole life: an endless loop ends after the same amount of
    work on a busy machine too. A suite with all its mutants takes 2 to 5.
    `wall_seconds` counts for each answer, and is the larger one: only what sleeps should meet it.
    `memory_bytes` is what a child may map beyond the warm parent's own mappings.
    `file_bytes` and `disk_bytes` bound one file and all of them; `disk_files` their number.
    `output_bytes` is for messages: nobody reads more. `reply_bytes` bounds one answer.
    `threads` is more than anyio's forty and what Streamlit and uvicorn start.
    """

    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    memory_bytes: int = 512 * MIB
    file_bytes: int = 32 * MIB
    disk_bytes: int = 64 * MIB
    disk_files: int = 4096
    output_bytes: int = MIB
    reply_bytes: int = 8 * MIB
    open_files: int = 256
    threads: int = 128


def size_words(size_bytes: int) -> str:
    """A size as a person reads it: "512 MiB"."""
    for unit, unit_bytes in (("MiB", MIB), ("KiB", 1024)):
        if size_bytes >= unit_bytes:
            return f"{size_bytes / unit_bytes:.4g} {unit}"
    return f"{size_bytes} bytes"


def limit_use(limits: Limits, mapped_bytes: int, tasks: int) -> None:
    """Limit this process for good.

    `mapped_bytes` is what it maps already. `tasks` is how many processes and threads there are on
    the machine: the kernel counts those of the user, or none of root's. Memory is limited on Linux
    alone: macOS does not hold its limit. Raises `OSError`.
    """
    import resource  # noqa: PLC0415  Windows has none

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
