"""Checks of each wall from inside a child: a wall stands if an attempt to pass it fails."""

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flagbench.acceptance.sandbox import linux_calls
from flagbench.acceptance.sandbox.namespaces import HOST_NAME
from flagbench.acceptance.sandbox.root_filesystem import CANARY

# personality(2): returns the present one, and changes nothing.
_QUERY = 0xFFFFFFFF
ANSWER = f"{__name__}:checker"


def checker() -> Callable[[dict[str, Any]], dict[str, bool]]:
    """Return a handler that checks the walls of its command; walls without a check are left out."""
    return lambda command: {
        wall: _CHECKS[wall](command) for wall in command["walls"] if wall in _CHECKS
    }


def _hides_users(_: Mapping[str, Any]) -> bool:
    """Change to another user: without one, its number is invalid, and not merely forbidden."""
    try:
        os.setuid(os.getuid() + 1)
    except OSError as error:
        return error.errno == errno.EINVAL
    return False


def _hides_files(command: Mapping[str, Any]) -> bool:
    return not Path(command["outside"]).exists()


def _hides_network(command: Mapping[str, Any]) -> bool:
    """Connect to a server outside, which must fail, and to one inside, which must not."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", command["port"]), timeout=1.0).close()
        return False
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1.0).close()
    return True


def _hides_processes(_: Mapping[str, Any]) -> bool:
    return os.getpid() == 1


def _hides_host(_: Mapping[str, Any]) -> bool:
    return socket.gethostname() == HOST_NAME


def _refuses_files(command: Mapping[str, Any]) -> bool:
    """Read a file that no other wall hides, which must be refused."""
    outside = CANARY if Path(CANARY).exists() else command["outside"]
    try:
        Path(outside).read_bytes()
    except PermissionError:
        return True
    except FileNotFoundError:
        return False
    return False


def _refuses_calls(command: Mapping[str, Any]) -> bool:
    """Start a process; where that is allowed, make a call that only seccomp refuses."""
    if command.get("runs_programs"):
        refused: bool = linux_calls.libc().personality(_QUERY) == -1
        return refused
    try:
        child = os.fork()
    except PermissionError:
        return True
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return False


def _refuses_size(_: Mapping[str, Any]) -> bool:
    """Read the limits, which must be set; that they are enforced is left to the kernel."""
    import resource  # noqa: PLC0415  Windows has none

    kinds = [resource.RLIMIT_CPU, resource.RLIMIT_FSIZE]
    if sys.platform == "linux":
        kinds.append(resource.RLIMIT_AS)
    return all(resource.getrlimit(kind)[1] != resource.RLIM_INFINITY for kind in kinds)


# No check of the ipc namespace: seccomp forbids the calls that would show its effect.
_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "user": _hides_users,
    "mount": _hides_files,
    "network": _hides_network,
    "pid": _hides_processes,
    "uts": _hides_host,
    "landlock": _refuses_files,
    "seccomp": _refuses_calls,
    "limits": _refuses_size,
}
