"""What generated code may use up before it is stopped."""

from dataclasses import dataclass

MIB = 1024 * 1024


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
