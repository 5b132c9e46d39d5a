"""Walls around one child, raised by the child itself before any generated code is there."""

import contextlib
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
    """Settings shared by all children of a fork server. `calls` is None without seccomp.

    `runs_programs`: the children may execute the readable programs.
    """

    limits: Limits
    readable: Sequence[str]
    calls: "Filter | None"
    runs_programs: bool = False


def find_libraries() -> None:
    """Let the libraries of walls find the C library: they start programs, which no child could."""
    import landlockpy  # noqa: PLC0415  installed on Linux alone
    import seccompy  # noqa: PLC0415

    landlockpy.supported()
    seccompy.supported()


def make_ready(walls: Collection[str], work: str, *, runs_programs: bool) -> "Filter | None":
    """Do once what every child of this process needs for its walls; the filter of calls.

    What cannot be done is left to the child, which then reports a missing wall. `work` is any
    directory.
    """
    calls = None
    with contextlib.suppress(OSError):
        if "landlock" in walls:
            landlock.make_ready(work)
    with contextlib.suppress(OSError, KeyError):
        if "seccomp" in walls:
            calls = seccomp.common_filter(
                has_own_network="network" in walls,
                has_own_files="mount" in walls,
                runs_programs=runs_programs,
            )
            seccomp.own_filter(signals_others=False)
    return calls


def confine(
    confinement: Confinement, wanted: Collection[str], *, place: str, mapped_bytes: int, tasks: int
) -> dict[str, str]:
    """Raise the wanted walls; return those that could not be raised, with reasons.

    `place` becomes the current directory; a child with its own file system sees it as `WORK`. The
    pid namespace is the fork server's task, as it begins with the fork.
    """
    has_root = "mount" in wanted

    def limit_access() -> None:
        system = root_filesystem.NAMES if has_root else landlock.SYSTEM_FILES
        landlock.limit_access(
            (*confinement.readable, *system),
            root_filesystem.WORK if has_root else place,
            runs_programs=confinement.runs_programs,
        )

    def filter_calls() -> None:
        if confinement.calls is None:
            msg = "this architecture has no table of calls"
            raise OSError(msg)
        # In a pid namespace a child sees no process but its own.
        signals_others = confinement.runs_programs and "pid" in wanted
        seccomp.filter_calls(confinement.calls, signals_others=signals_others)

    def limit_use() -> None:
        limits.limit_use(confinement.limits, mapped_bytes, tasks)

    # In this order: each wall needs what a later one takes away.
    raising: dict[str, Callable[[], None]] = {
        "network": namespaces.enter_new_network,
        "ipc": lambda: namespaces.enter_new("ipc"),
        "uts": namespaces.enter_new_uts,
        "mount": lambda: root_filesystem.enter_own(place),
        "landlock": limit_access,
        "limits": limit_use,
        "seccomp": filter_calls,
    }
    os.chdir(place)
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
    """Drop every capability, on Linux."""
    if sys.platform == "linux":
        linux_calls.give_up_privileges()
