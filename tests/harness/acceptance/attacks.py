"""How the tests run hostile code."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from flagbench.acceptance.sandbox.limits import MIB
from flagbench.acceptance.sandbox.sandbox import Limits, Misbehaved, Raised, Sandbox

PROJECT = Path(__file__).parents[3]
# How a file outside looks from within.
NOT_THERE = ("FileNotFoundError", "PermissionError")

WARM = "child_programs:warm"
EXECUTOR = "child_programs:executor"
LIMITS = Limits(
    cpu_seconds=2,
    wall_seconds=30.0,
    memory_bytes=64 * MIB,
    file_bytes=MIB,
    disk_bytes=4 * MIB,
    disk_files=100,
    output_bytes=65536,
    reply_bytes=65536,
    open_files=64,
    threads=32,
)
# For what only time ends.
HASTY = replace(LIMITS, cpu_seconds=30, wall_seconds=1.0)


def run(sandbox: Sandbox, code: str, **files: str) -> Any:
    """What code leaves in `result`, run in a new child."""
    with sandbox.child(EXECUTOR, files) as child:
        return child.ask({"code": code})


def fault(sandbox: Sandbox, code: str) -> str:
    """What is told of code that misbehaves or raises, run in a new child."""
    try:
        result = run(sandbox, code)
    except (Misbehaved, Raised) as error:
        return f"{type(error).__name__}: {error}"
    return f"nothing: {result!r}"
