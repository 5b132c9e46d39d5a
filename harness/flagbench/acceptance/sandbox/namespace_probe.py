"""Which namespaces this machine allows: found by entering them."""

import json
import os
from collections.abc import Collection, Mapping

from flagbench.acceptance.sandbox import namespaces, root_filesystem
from flagbench.acceptance.sandbox.isolation import NAMESPACES, reason


def possible(
    wanted: Collection[str], readable: Mapping[str, str]
) -> tuple[frozenset[str], dict[str, str]]:
    """The namespaces of those wanted that can be had, and why each other one cannot.

    Found by entering them in a process that then ends. Systems forbid them in several ways, some
    only after `unshare` has succeeded, so everything is done that a sandbox will do.
    """
    told, tell = os.pipe()
    trier = os.fork()
    if trier == 0:
        try:
            os.close(told)
            os.write(tell, json.dumps(_tried(wanted, readable)).encode())
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as answer:
        text = answer.read()
    os.waitpid(trier, 0)
    reasons: dict[str, str] = json.loads(text) if text else dict.fromkeys(wanted, "trying failed")
    standing = frozenset(wanted) - reasons.keys()
    if standing == {"user"}:
        # As with AppArmor's restriction: a user namespace in which nothing more is allowed.
        reasons["user"] = "it would allow no other namespace"
        standing = frozenset()
    return standing, reasons


def _tried(wanted: Collection[str], readable: Mapping[str, str]) -> dict[str, str]:
    """Enter what is wanted; what failed, and why."""
    entering = {
        "user": namespaces.leave_user,
        "mount": lambda: root_filesystem.change(readable),
        "network": namespaces.leave_network,
        "pid": _try_pid,
        "ipc": lambda: namespaces.leave("ipc"),
        "uts": namespaces.leave_uts,
    }
    # The root is changed last: what the others read is gone then.
    order = [wall for wall in NAMESPACES if wall != "mount"] + ["mount"]
    reasons: dict[str, str] = {}
    for wall in order:
        if wall in wanted:
            try:
                entering[wall]()
            except OSError as error:
                reasons[wall] = reason(error)
    return reasons


def _try_pid() -> None:
    """Enter a pid namespace: it begins with the next process."""
    namespaces.leave("pid")
    first = os.fork()
    if first == 0:
        os._exit(os.getpid() != 1)
    if os.waitpid(first, 0)[1] != 0:
        msg = "the first process is not number 1"
        raise OSError(msg)
