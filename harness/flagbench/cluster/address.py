"""The address of a scheduler as `--on` names it; it needs no library of a cluster."""

import re

from flagbench.errors import InputError, Problem

LOCAL = "dask"
"""The cluster of this machine's own processes, which have its environment."""
_ADDRESS = re.compile(r"dask://(?P<place>[^/\s]+:(?P<port>[0-9]{1,5}))/?")
_LAST_PORT = 65_535


def address_of(on: str) -> str:
    """The scheduler's address, "" for a cluster of this machine. Raises `InputError`."""
    if on == LOCAL:
        return ""
    address = _ADDRESS.fullmatch(on)
    if address is None or not 0 < int(address["port"]) <= _LAST_PORT:
        expected = "dask://HOST:PORT of a scheduler, or dask for processes of this machine"
        raise InputError(Problem(repr(on), "--on", expected))
    return f"tcp://{address['place']}"
