"""Calls of the Linux kernel that Python 3.11 does not offer. Each raises `OSError`.

Constants: linux/prctl.h, linux/sched.h, linux/capability.h, linux/mount.h.
"""

import contextlib
import ctypes
import os
import struct
from functools import cache

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63

# The same number on every architecture, as for all calls that are newer than Linux 5.1.
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000


@cache
def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """The result of a call; raises `OSError` with what was tried if it is -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    checked(libc().unshare(flags), "unshare")


def enter_namespace(namespace_fd: int, kind: int) -> None:
    """Go into the namespace behind a descriptor."""
    checked(libc().setns(namespace_fd, kind), "setns")


def die_with_parent(signal_number: int) -> None:
    """Receive a signal when the thread that forked this process ends."""
    checked(libc().prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends."""
    checked(libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system, or change what is mounted."""
    arguments = (one.encode() for one in (source, target, kind))
    checked(libc().mount(*arguments, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def set_mount_attributes(target: str, attributes: int) -> None:
    """Set attributes on a mount and on all beneath it. Linux 5.12 and later."""
    wanted = struct.pack("QQQQ", attributes, 0, 0, 0)
    checked(
        libc().syscall(
            _SYS_MOUNT_SETATTR, _AT_FDCWD, target.encode(), _AT_RECURSIVE, wanted,
            ctypes.c_size_t(len(wanted)),
        ),
        f"mount_setattr {target}",
    )  # fmt: skip


def detach(target: str) -> None:
    """Take a mount, and all beneath it, out of sight."""
    detached = 2
    checked(libc().umount2(target.encode(), detached), f"umount {target}")


def give_up_privileges() -> None:
    """Drop every capability for good; a program that is executed gains none, and none dumps core.

    A core would not be a file of limited size: where a program collects them, it gets the whole.
    """
    checked(libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")
    checked(libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    # Without CAP_SETPCAP the bounding set stays: then there is nothing in it that could be gained.
    with contextlib.suppress(OSError):
        for capability in range(_LAST_CAPABILITY + 1):
            checked(libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "capbset")
    with contextlib.suppress(OSError):  # unknown before Linux 4.3
        checked(libc().prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient")
    nothing = struct.pack("6I", *[0] * 6)
    checked(libc().capset(struct.pack("Ii", _CAPABILITY_VERSION_3, 0), nothing), "capset")
