"""seccomp: threads but no processes, TCP but no other sockets, no rarely used kernel interfaces.

A child that runs programs may start processes, in no new namespace.
"""

import errno
import os
import socket
from collections.abc import Container
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # installed on Linux alone, and so imported where it is used
    from seccompy import ArgCmp, Filter

_INT = 0xFFFFFFFF  # the bits that the kernel reads
_CLONE_THREAD = 0x00010000  # linux/sched.h
# The flags CLONE_NEW* of linux/sched.h.
_CLONE_NAMESPACES = 0x7E020080
_SOCKET_TYPE = 0xF  # the rest of the argument is SOCK_CLOEXEC and SOCK_NONBLOCK

# Answered with EPERM.
_DENIED = """
    fork vfork execve execveat
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp
    pidfd_open pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo
    setpriority ioprio_set sched_setparam sched_setscheduler sched_setattr
    migrate_pages move_pages get_robust_list
    mount umount umount2 pivot_root chroot mount_setattr move_mount open_tree open_tree_attr
    fsopen fsconfig fsmount fspick statmount listmount listns
    unshare setns sethostname setdomainname
    name_to_handle_at open_by_handle_at quotactl quotactl_fd fanotify_init fanotify_mark
    setxattr lsetxattr fsetxattr setxattrat file_setattr
    shmget shmat shmctl msgget msgctl msgsnd msgrcv semget semctl semop semtimedop
    mq_open mq_unlink
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    io_setup io_submit
    add_key request_key keyctl
    kexec_load kexec_file_load init_module finit_module delete_module create_module reboot
    swapon swapoff acct syslog vhangup settimeofday clock_settime clock_adjtime adjtimex
    iopl ioperm modify_ldt personality uselib ustat sysfs nfsservctl lookup_dcookie uprobe
    uretprobe memfd_secret vmsplice
""".split()  # noqa: SIM905  a table is easiest to read as one string

# Of these, what a child needs that runs programs.
_OF_PROGRAMS = ("fork", "vfork", "execve", "execveat", "tkill")

# Answered with ENOSYS: callers then use an older call.
_UNKNOWN = ("clone3", "memfd_create", "openat2")

# Landlock does not cover modes, owners and times. Where the machine's files are visible, these
# calls seem to succeed, as on a file system that stores none: few programs check.
_PRETENDED = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat
    removexattr lremovexattr fremovexattr removexattrat
""".split()  # noqa: SIM905  as above

# Answered with EPERM for one value of an argument: call, argument, value.
_DENIED_VALUES = (
    ("prctl", 0, 1),  # PR_SET_PDEATHSIG: outlive the parent
    ("prctl", 0, 4),  # PR_SET_DUMPABLE: leave a core
    ("fcntl", 1, 8),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals to another process
    ("fcntl", 1, 10),
    ("fcntl", 1, 15),
    ("ioctl", 1, 0x8901),  # FIOSETOWN, SIOCSPGRP: the same
    ("ioctl", 1, 0x8902),
    ("ioctl", 1, 0x5412),  # TIOCSTI, TIOCLINUX: type into a terminal
    ("ioctl", 1, 0x541C),
    ("ioctl", 1, 0x40086602),  # FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR: attributes of a file
    ("ioctl", 1, 0x401C5820),
)

# A named Unix socket would reach the machine's services; `socketpair` is another call.
_STREAMS = ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_STREAM))
# A datagram needs no connection, so they are allowed only in a network namespace.
_DATAGRAMS = ((socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_INET6, socket.SOCK_DGRAM))


def common_filter(
    *, has_own_network: bool, has_own_files: bool, runs_programs: bool = False
) -> "Filter":
    """The filter that every child loads, assembled once. Raises `OSError` or `KeyError` on an
    architecture other than x86-64 and arm64.

    A call that is newer than the tables, or has an x32 number, is answered with ENOSYS.
    """
    import seccompy  # noqa: PLC0415  as above
    from seccompy import Action, ArgCmp, CmpOp, Filter  # noqa: PLC0415
    from seccompy.syscalls import AARCH64_SYSCALLS, X86_64_SYSCALLS  # noqa: PLC0415

    known = {"x86_64": X86_64_SYSCALLS, "aarch64": AARCH64_SYSCALLS}[seccompy.arch()]
    rules = Filter(default=Action.ERRNO | errno.ENOSYS)
    for name, index, value in _DENIED_VALUES:
        rules.errno(name, errno.EPERM, args=[_bits(index, value, _INT)])
    bits = (0, _CLONE_NAMESPACES) if runs_programs else (_CLONE_THREAD, _CLONE_THREAD)
    rules.allow("clone", args=[_bits(0, *bits)])
    for family, kind in (*_STREAMS, *(_DATAGRAMS if has_own_network else ())):
        wanted = (ArgCmp(0, CmpOp.EQ, family), _bits(1, kind, _SOCKET_TYPE))
        rules.allow("socket", args=wanted)
    if not has_own_files:
        _guard_files(rules, known)
    denied = set(_DENIED) - set(_OF_PROGRAMS if runs_programs else ())
    for name in known:
        if name in denied or name in ("clone", "socket"):
            rules.errno(name, errno.EPERM)
        elif name not in _UNKNOWN:
            rules.allow(name)
    assert rules.program  # noqa: S101  assembles it now, and not in every child
    return rules


def _guard_files(rules: "Filter", known: Container[str]) -> None:
    """Deny what Landlock does not cover (or only from Linux 6.2 on): truncating a readable file."""
    for name in _PRETENDED:
        if name in known:
            rules.errno(name, 0)
    for name, index in (("open", 1), ("openat", 2)):
        if name in known:
            cut = _bits(index, os.O_RDONLY | os.O_TRUNC, os.O_ACCMODE | os.O_TRUNC)
            rules.errno(name, errno.EPERM, args=[cut])
    rules.errno("truncate", errno.EPERM)


def filter_calls(common: "Filter", *, signals_others: bool = False) -> None:
    """Load the common filter, and one that allows signals to this process only.

    With `signals_others` it allows them to every process that the child sees. Raises `OSError`.
    """
    own = own_filter(signals_others=signals_others)
    own.load()
    common.load()


def own_filter(*, signals_others: bool) -> "Filter":
    """The filter of this process, assembled."""
    from seccompy import Action, Filter  # noqa: PLC0415  as above

    mine = os.getpid()
    own = Filter(default=Action.ALLOW)
    for name in () if signals_others else ("kill", "tgkill"):
        own.allow(name, args={0: mine})
        own.errno(name, errno.EPERM)
    for name in () if signals_others else ("prlimit64", "sched_setaffinity"):
        for number in (0, mine):
            own.allow(name, args={0: number})
        own.errno(name, errno.EPERM)
    assert own.program  # noqa: S101  assembles it
    return own


def _bits(index: int, value: int, mask: int) -> "ArgCmp":
    """A comparison of these bits of an argument only, as the kernel ignores the others."""
    from seccompy import ArgCmp, CmpOp  # noqa: PLC0415  as above

    return ArgCmp(index, CmpOp.MASKED_EQ, value, mask=mask)
