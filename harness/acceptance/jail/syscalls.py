"""seccomp: threads but no processes, TCP but no other sockets, no back doors of the kernel."""

import errno
import os
import socket

import seccompy
from seccompy import Action, ArgCmp, CmpOp, Filter
from seccompy.syscalls import AARCH64_SYSCALLS, X86_64_SYSCALLS

_CLONE_THREAD = 0x00010000  # linux/sched.h
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_ALL_BITS_OF_INT = 0xFFFFFFFF
_SOCKET_TYPE = 0xF  # the rest of the argument is SOCK_CLOEXEC and SOCK_NONBLOCK

# Answered with "not permitted".
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
""".split()  # noqa: SIM905  a table reads best as one

# Answered with "not known": what asks for these has another way.
_UNKNOWN = ("clone3", "memfd_create")

# A named Unix socket would be a way to the machine's services; pairs of them are made otherwise.
_STREAMS = ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET6, socket.SOCK_STREAM))
# A datagram needs no connection: only where there is no other network to send one to.
_DATAGRAMS = ((socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_INET6, socket.SOCK_DGRAM))


def common_filter(*, is_alone_in_network: bool) -> Filter:
    """The filter that every child loads, assembled once. Raises `OSError` off x86-64 and arm64.

    A call that is newer than the tables, or comes by the x32 numbers, is not known to exist.
    """
    known = {"x86_64": X86_64_SYSCALLS, "aarch64": AARCH64_SYSCALLS}[seccompy.arch()]
    rules = Filter(default=Action.ERRNO | errno.ENOSYS)
    for name in known:
        if name in _DENIED:
            rules.errno(name, errno.EPERM)
        elif name not in ("clone", "prctl", "socket", *_UNKNOWN):
            rules.allow(name)
    rules.allow("clone", args=[_bits(0, _CLONE_THREAD, _CLONE_THREAD)])
    rules.errno("clone", errno.EPERM)
    rules.errno("prctl", errno.EPERM, args=[_bits(0, _PR_SET_PDEATHSIG, _ALL_BITS_OF_INT)])
    rules.allow("prctl")
    for family, kind in (*_STREAMS, *(_DATAGRAMS if is_alone_in_network else ())):
        wanted = (ArgCmp(0, CmpOp.EQ, family), _bits(1, kind, _SOCKET_TYPE))
        rules.allow("socket", args=wanted)
    rules.errno("socket", errno.EPERM)
    assert rules.program  # noqa: S101  assembles it now, and not in every child
    return rules


def filter_calls(common: Filter) -> None:
    """Filter this process's calls for good: the common filter, and signals to itself only.

    Raises `OSError`.
    """
    mine = os.getpid()
    own = Filter(default=Action.ALLOW)
    for name in ("kill", "tgkill"):
        own.allow(name, args={0: mine})
        own.errno(name, errno.EPERM)
    for name in ("prlimit64", "sched_setaffinity"):
        for number in (0, mine):
            own.allow(name, args={0: number})
        own.errno(name, errno.EPERM)
    own.load()
    common.load()


def _bits(index: int, value: int, mask: int) -> ArgCmp:
    """Only these bits of an argument: the kernel, too, looks at no others."""
    return ArgCmp(index, CmpOp.MASKED_EQ, value, mask=mask)
