"""The walls around one child, raised by the child itself before anything generated is there."""

import os
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flagbench.acceptance.sandbox import (
    landlock,
    limits,
    linux_calls,
    namespaces,
    root_filesystem,
    seccomp,
)
from flagbench.acceptance.sandbox.isolation import reason
from flagbench.acceptance.sandbox.limits import Limits

if TYPE_CHECKING:  # installed on Linux alone
    from seccompy import Filter


@dataclass(frozen=True, slots=True)
class Confinement:
    """What all children of a warm parent have in common. `calls` is None without seccomp."""

    limits: Limits
    readable: Sequence[str]
    calls: "Filter | None"


def confine(
    ground: Confinement, wanted: Collection[str], *, work: str, mapped_bytes: int, tasks: int
) -> dict[str, str]:
    """Raise the walls that are wanted; which could not be raised, and why.

    `work` is the child's directory, gone to; a child with its own file system has that instead.
    The pid namespace is the warm parent's matter, as it begins with the fork.
    """
    has_root = "mount" in wanted

    def limit_access() -> None:
        system = () if has_root else landlock.SYSTEM_FILES
        landlock.limit_access(
            (*ground.readable, *system), root_filesystem.WORK if has_root else work
        )

    def filter_calls() -> None:
        if ground.calls is None:
            msg = "this architecture has no table of calls"
            raise OSError(msg)
        seccomp.filter_calls(ground.calls)

    def limit_use() -> None:
        limits.limit_use(ground.limits, mapped_bytes, tasks)

    # Each needs what a later one takes away.
    raising: dict[str, Callable[[], None]] = {
        "network": namespaces.leave_network,
        "ipc": lambda: namespaces.leave("ipc"),
        "uts": namespaces.leave_uts,
        "mount": lambda: root_filesystem.enter_own(
            ground.limits.disk_bytes, ground.limits.disk_files
        ),
        "landlock": limit_access,
        "limits": limit_use,
        "seccomp": filter_calls,
    }
    os.chdir(work)
    reasons: dict[str, str] = {}
    for wall, raise_wall in raising.items():
        if wall == "limits":
            give_up_privileges()
        if wall in wanted:
            try:
                raise_wall()
            except OSError as error:
                reasons[wall] = reason(error)
    return reasons


def give_up_privileges() -> None:
    """Drop every capability, where there are such."""
    if sys.platform == "linux":
        linux_calls.give_up_privileges()
