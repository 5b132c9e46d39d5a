"""Clients that a subject builds itself: their calls go through the transport of its cell, too."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run import client_of_aiohttp, client_of_http_client, client_of_httpx
from flagbench.run.exchange import Exchange
from flagbench.run.late_imports import once_imported

# Package -> what replaces its own ways to send; requests sends through urllib3, as botocore does.
_LIBRARIES = {
    "httpx": client_of_httpx.replacements,
    "httpx2": client_of_httpx.replacements,
    "http.client": client_of_http_client.replacements,
    "urllib3": client_of_http_client.replacements,
    "aiohttp": client_of_aiohttp.replacements,
}


@contextmanager
def intercepted(
    transport: httpx.AsyncBaseTransport,
    wire: httpx.HTTPTransport,
    loop: asyncio.AbstractEventLoop,
    stop: Callable[[CouldNotRun], NoReturn],
) -> Iterator[None]:
    """Let every client of the known libraries, sync and async, send by `transport` on `loop`.

    `wire` sends as before. A library that the subject imports later is intercepted then; no other
    is imported or looked for. A call that would block the loop for ever ends the cell by `stop`.
    """
    exchange = Exchange(transport, wire, loop, stop, os.getpid())
    with ExitStack() as undo:

        def replace(owner: Any, name: str, ours: Any) -> None:
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)

        def intercept(library: Any) -> None:
            for owner, name, ours in _LIBRARIES[library.__name__](library, exchange):
                replace(owner, name, ours)

        undo.enter_context(once_imported(tuple(_LIBRARIES), intercept))
        yield
