"""Namespaces: a process that sees no other process, network, host name or file system."""

import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from flagbench.acceptance.sandbox import linux_calls

# linux/sched.h
_FLAGS: Mapping[str, int] = {
    "user": 0x10000000,
    "mount": 0x00020000,
    "network": 0x40000000,
    "pid": 0x20000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
}
PID_FLAG = _FLAGS["pid"]
HOST_NAME = "sandbox"


def leave(wall: str) -> None:
    """Leave a namespace for a new one. Raises `OSError`."""
    linux_calls.unshare(_FLAGS[wall])


def leave_user() -> None:
    """Leave the user namespace for one in which only this user exists, with its own number."""
    user, group = os.geteuid(), os.getegid()
    leave("user")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def leave_network() -> None:
    """Leave the network for one that is only a loopback interface, which is up."""
    import fcntl  # noqa: PLC0415  Windows has none

    leave("network")
    set_flags, up_and_running = 0x8914, 0x41  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", up_and_running)
        fcntl.ioctl(any_socket.fileno(), set_flags, request)


def leave_uts() -> None:
    """Leave the host's name."""
    leave("uts")
    socket.sethostname(HOST_NAME)
