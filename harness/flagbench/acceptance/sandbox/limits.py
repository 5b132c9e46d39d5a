"""Limits on time, memory, files and output of generated code, and the resource limits of Unix."""

import sys
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024

# Other processes of the user come and go while a child runs; this stops only a runaway child.
_SPARE_TASKS = 1024
# The usual default of a Unix; deep recursion then ends as it does outside.
_STACK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one child; defaults are several times the observed use of a good artifact.

    `cpu_seconds` counts over the child's whole life: an endless loop ends after the same amount of
    work on a busy machine too. A suite with all its mutants takes 2 to 5.
    `wall_seconds` counts for each answer, and is larger: only code that sleeps should reach it.
    `memory_bytes` is what a child may map beyond the fork server's own mappings.
    `file_bytes` and `disk_bytes` bound one file and all of them; `disk_files` their number.
    `output_bytes` bounds what is printed, `reply_bytes` one answer.
    `threads` is more than anyio's forty and those of Streamlit and uvicorn.
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
    """A size in words: "512 MiB"."""
    for unit, unit_bytes in (("MiB", MIB), ("KiB", 1024)):
        if size_bytes >= unit_bytes:
            return f"{size_bytes / unit_bytes:.4g} {unit}"
    return f"{size_bytes} bytes"


def limit_use(limits: Limits, mapped_bytes: int, tasks: int) -> None:
    """Set the resource limits of this process, soft and hard.

    `mapped_bytes` is the size of its present mappings. `tasks` is the number of processes and
    threads on the machine: the kernel counts those of the user, or none of root's. Memory is
    limited on Linux alone: macOS does not enforce its limit. Raises `OSError`.
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
        # Elsewhere it counts processes and not threads, and the user has more than one already.
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
    """The number of processes and threads on this machine (proc(5), loadavg); 0 if unknown."""
    try:
        return int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].split("/")[1])
    except (OSError, ValueError, IndexError):
        return 0
