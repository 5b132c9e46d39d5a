"""Landlock: outside of the child's own directory a few files can be read, and none written."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flagbench.acceptance.sandbox.root_filesystem import DEVICES

if TYPE_CHECKING:  # installed on Linux alone
    from landlockpy import Ruleset

# Files of the machine's root that the C library and `mimetypes` read; no user's data.
SYSTEM_FILES = ("/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf")


def limit_access(readable: Iterable[str], work: str, *, runs_programs: bool = False) -> None:
    """Allow reading beneath `readable`, the harmless devices, and writing beneath `work` only.

    No program may be executed, unless `runs_programs`, and no named socket or pipe created; from
    Linux 6.12 on no signal leaves the child. TCP is left to the network namespace: rules are by
    port, whatever the host. Raises `OSError`.
    """
    with _rules_for(readable, work, runs_programs=runs_programs) as rules:
        rules.restrict()


def make_ready(work: str) -> None:
    """Make rules and drop them: a fork then finds what the library keeps of the first ones."""
    _rules_for((), work, runs_programs=False).close()


def _rules_for(readable: Iterable[str], work: str, *, runs_programs: bool) -> "Ruleset":
    """The rules of `limit_access`. Raises `OSError`."""
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
    read_file = AccessFS.READ_FILE
    if runs_programs:
        read |= AccessFS.EXECUTE
        read_file |= AccessFS.EXECUTE
        own |= AccessFS.EXECUTE
    scope = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL
    rules = Ruleset(handled_net=AccessNet.NONE, scoped=scope)
    try:
        for path in readable:
            if Path(path).is_dir():
                rules.allow_path(path, read)
            elif Path(path).exists():
                rules.allow_path(path, read_file)
        for path in DEVICES:
            if os.access(path, os.R_OK):
                rules.allow_path(path, use_device)
        rules.allow_path(work, own)
    except BaseException:
        rules.close()
        raise
    return rules
