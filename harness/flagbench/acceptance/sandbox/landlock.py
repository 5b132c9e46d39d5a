"""Landlock: files outside of the child's own directory are read at most, and most not even that."""

import os
from collections.abc import Iterable
from pathlib import Path

from flagbench.acceptance.sandbox.root_filesystem import DEVICES

# What the C library and `mimetypes` look for in the machine's own root: nothing of any user.
SYSTEM_FILES = ("/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf")


def limit_access(readable: Iterable[str], work: str) -> None:
    """Read beneath `readable`, use the harmless devices, write beneath `work`, and no more.

    Nothing may be executed, no socket or pipe gets a name, no signal leaves (Linux 6.12 and later).
    TCP is left to the network namespace: a rule knows ports, but not whose. Raises `OSError`.
    """
    import landlockpy  # noqa: PLC0415  installed on Linux alone
    from landlockpy import AccessFS, AccessNet, Ruleset, Scope  # noqa: PLC0415

    if not landlockpy.supported():
        msg = "this kernel does not have it"
        raise OSError(msg)
    read = AccessFS.READ_FILE | AccessFS.READ_DIR
    use_device = AccessFS.READ_FILE | AccessFS.WRITE_FILE
    own = (
        read
        | AccessFS.WRITE_FILE
        | AccessFS.TRUNCATE
        | AccessFS.REMOVE_DIR
        | AccessFS.REMOVE_FILE
        | AccessFS.MAKE_DIR
        | AccessFS.MAKE_REG
        | AccessFS.MAKE_SYM
        | AccessFS.REFER
    )
    scope = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL
    with Ruleset(handled_net=AccessNet.NONE, scoped=scope) as rules:
        for path in readable:
            if Path(path).is_dir():
                rules.allow_path(path, read)
            elif Path(path).exists():
                rules.allow_path(path, AccessFS.READ_FILE)
        for path in DEVICES:
            if os.access(path, os.R_OK):
                rules.allow_path(path, use_device)
        rules.allow_path(work, own)
        rules.restrict()
