"""System calls of Linux that Python 3.11 does not offer. Each raises `OSError`.

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

# The same number on every architecture, as of all calls newer than Linux 5.1.
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000


@cache
def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """Return the result of a call; raise `OSError`, with `what` was called, if it is -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    check(libc().unshare(flags), "unshare")


def enter_namespace(namespace_fd: int, kind: int) -> None:
    """Move this process into the namespace behind a descriptor."""
    check(libc().setns(namespace_fd, kind), "setns")


def die_with_parent(signal_number: int) -> None:
    """Receive a signal when the thread that forked this process ends."""
    check(libc().prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")


def adopt_orphans(is_wanted: bool = True) -> None:
    """Become the parent of descendants whose own parent ends, or no longer."""
    check(libc().prctl(_PR_SET_CHILD_SUBREAPER, int(is_wanted), 0, 0, 0), "prctl")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system, or change a mount."""
    arguments = (text.encode() for text in (source, target, kind))
    check(libc().mount(*arguments, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def set_mount_attributes(target: str, attributes: int) -> None:
    """Set attributes on a mount and all mounts beneath it. Linux 5.12 and later."""
    wanted = struct.pack("QQQQ", attributes, 0, 0, 0)
    check(
        libc().syscall(
            _SYS_MOUNT_SETATTR, _AT_FDCWD, target.encode(), _AT_RECURSIVE, wanted,
            ctypes.c_size_t(len(wanted)),
        ),
        f"mount_setattr {target}",
    )  # fmt: skip


def detach(target: str) -> None:
    """Unmount a mount and all mounts beneath it lazily."""
    detached = 2
    check(libc().umount2(target.encode(), detached), f"umount {target}")


def give_up_privileges() -> None:
    """Drop every capability for good, gain none by executing a program, and dump no core.

    The size limit of files does not hold for a core that is piped to a program (core(5)).
    """
    check(libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")
    check(libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    # Without CAP_SETPCAP the bounding set stays; no_new_privs then keeps it from being gained.
    with contextlib.suppress(OSError):
        for capability in range(_LAST_CAPABILITY + 1):
            check(libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "capbset")
    with contextlib.suppress(OSError):  # unknown before Linux 4.3
        check(libc().prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient")
    nothing = struct.pack("6I", *[0] * 6)
    check(libc().capset(struct.pack("Ii", _CAPABILITY_VERSION_3, 0), nothing), "capset")
