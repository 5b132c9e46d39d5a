"""Detection of the namespaces that this machine allows, by entering them."""

import json
import os
from collections.abc import Collection, Mapping

from flagbench.acceptance.sandbox import namespaces, root_filesystem
from flagbench.acceptance.sandbox.isolation import NAMESPACES, reason


def find_available(
    wanted: Collection[str], readable: Mapping[str, str]
) -> tuple[frozenset[str], dict[str, str]]:
    """Return the wanted namespaces that are available, and the reasons why others are not.

    A process enters them and ends. Systems forbid them in several ways, some only after `unshare`
    has succeeded, so it does everything that a sandbox will do.
    """
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reader)
            os.write(writer, json.dumps(_enter(wanted, readable)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        text = stream.read()
    os.waitpid(process, 0)
    reasons: dict[str, str] = json.loads(text) if text else dict.fromkeys(wanted, "trying failed")
    standing = frozenset(wanted) - reasons.keys()
    if standing == {"user"}:
        # AppArmor's restriction has this effect: a user namespace without any capability.
        reasons["user"] = "it would allow no other namespace"
        standing = frozenset()
    return standing, reasons


def _enter(wanted: Collection[str], readable: Mapping[str, str]) -> dict[str, str]:
    """Enter the wanted namespaces; return those that failed, with reasons."""
    entering = {
        "user": namespaces.enter_new_user,
        "mount": lambda: root_filesystem.change(readable),
        "network": namespaces.enter_new_network,
        "pid": _enter_pid,
        "ipc": lambda: namespaces.enter_new("ipc"),
        "uts": namespaces.enter_new_uts,
    }
    # The root is changed last: it hides files that the others read.
    order = [wall for wall in NAMESPACES if wall != "mount"] + ["mount"]
    reasons: dict[str, str] = {}
    for wall in order:
        if wall in wanted:
            try:
                entering[wall]()
            except OSError as error:
                reasons[wall] = reason(error)
    return reasons


def _enter_pid() -> None:
    """Enter a pid namespace, which begins with the next process. Raises `OSError`."""
    namespaces.enter_new("pid")
    first = os.fork()
    if first == 0:
        os._exit(os.getpid() != 1)
    if os.waitpid(first, 0)[1] != 0:
        msg = "the first process is not number 1"
        raise OSError(msg)
