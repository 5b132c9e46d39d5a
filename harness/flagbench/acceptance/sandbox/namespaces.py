"""Namespaces: a process of its own user, processes, network, host name or file system."""

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
# Ordinary: generated code is to behave here as it does elsewhere.
HOST_NAME = "workstation"


def enter_new(wall: str) -> None:
    """Enter a new namespace. Raises `OSError`."""
    linux_calls.unshare(_FLAGS[wall])


def enter_new_user() -> None:
    """Enter a user namespace in which only this user exists, with the same number."""
    user, group = os.geteuid(), os.getegid()
    enter_new("user")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def enter_new_network() -> None:
    """Enter a network namespace with nothing but a loopback interface, which is brought up."""
    import fcntl  # noqa: PLC0415  Windows has none

    enter_new("network")
    set_flags, up_and_running = 0x8914, 0x41  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", up_and_running)
        fcntl.ioctl(any_socket.fileno(), set_flags, request)


def enter_new_uts() -> None:
    """Enter a namespace in which the host has another name."""
    enter_new("uts")
    socket.sethostname(HOST_NAME)
