"""Landlock: files outside of the child's own directory are read at most, and most not even that."""

import os
from collections.abc import Iterable
from pathlib import Path

import landlockpy
from landlockpy import AccessFS, AccessNet, Ruleset, Scope

from flagbench.acceptance.sandbox.root_filesystem import DEVICES

# What the C library and `mimetypes` look for in the machine's own root: nothing of any user.
SYSTEM_FILES = ("/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf")

_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
_USE_DEVICE = AccessFS.READ_FILE | AccessFS.WRITE_FILE
_OWN = (
    _READ
    | AccessFS.WRITE_FILE
    | AccessFS.TRUNCATE
    | AccessFS.REMOVE_DIR
    | AccessFS.REMOVE_FILE
    | AccessFS.MAKE_DIR
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_SYM
    | AccessFS.REFER
)


def limit_access(readable: Iterable[str], work: str) -> None:
    """Read beneath `readable`, use the harmless devices, write beneath `work`, and no more.

    Nothing may be executed, no socket or pipe gets a name, no signal leaves (Linux 6.12 and later).
    TCP is left to the network namespace: a rule knows ports, but not whose. Raises `OSError`.
    """
    if not landlockpy.supported():
        msg = "this kernel does not have it"
        raise OSError(msg)
    scope = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL
    with Ruleset(handled_net=AccessNet.NONE, scoped=scope) as rules:
        for path in readable:
            if Path(path).is_dir():
                rules.allow_path(path, _READ)
            elif Path(path).exists():
                rules.allow_path(path, AccessFS.READ_FILE)
        for path in DEVICES:
            if os.access(path, os.R_OK):
                rules.allow_path(path, _USE_DEVICE)
        rules.allow_path(work, _OWN)
        rules.restrict()
