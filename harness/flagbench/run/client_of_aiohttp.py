"""Clients of aiohttp: their connections end at the exchange of the cell.

All of a client but the socket stays its own: timeouts on the loop's clock, errors, redirects, the
pool of connections.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from flagbench.http_library import httpx
from flagbench.run.exchange import Exchange
from flagbench.run.served_connection import ServedConnection
from flagbench.run.streamed_answer import StreamedAnswer


def replacements(library: Any, exchange: Exchange) -> Iterator[tuple[Any, str, Any]]:
    """Replacements of the library's connector: owner, name, function."""

    async def create_connection(self: Any, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ARG001  aiohttp's
        protocol = self._factory()
        protocol.connection_made(_Line(protocol, str(req.url.origin()), exchange))
        return protocol

    yield library.TCPConnector, "_create_connection", create_connection


class _Line(asyncio.Transport):
    """The transport of a connection: bytes in, requests to the exchange, bytes of answers out."""

    def __init__(self, protocol: Any, origin: str, exchange: Exchange) -> None:
        super().__init__()
        self._protocol = protocol
        self._exchange = exchange
        self._served = ServedConnection(origin)
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False
        self._loop = asyncio.get_running_loop()

    def write(self, data: Any) -> None:
        """Take bytes of a request; a whole one is answered."""
        for request in self._served.requests_of(bytes(data)):
            self._task = self._loop.create_task(self._answer(request))

    async def _answer(self, request: httpx.Request) -> None:
        """Pass the answer to the client, or the end of its connection, or of the cell."""
        try:
            asked = self._exchange.transport.handle_async_request(request)
            response = await self._exchange.awaited(asked)
            await self._pass_on(response)
        except httpx.RequestError:
            self._protocol.connection_lost(None)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._protocol.set_exception(error)

    async def _pass_on(self, response: httpx.Response) -> None:
        """Send an answer: whole, or chunk by chunk if it is a stream."""
        self._protocol.data_received(self._served.beginning_of(response))
        streamed = response.stream
        if not isinstance(streamed, StreamedAnswer):
            return
        while (piece := await self._exchange.awaited(streamed.read_next())) is not None:
            self._protocol.data_received(self._served.piece_of(piece))
        self._protocol.data_received(self._served.end())

    def close(self) -> None:
        """Close the connection; a call that is under way is given up."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._task is not None:
            self._task.cancel()
        self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        """True once it is closed."""
        return self._is_closing

    def get_write_buffer_size(self) -> int:
        """Return 0: what is written is read at once."""
        return 0

    def pause_reading(self) -> None:
        """Do nothing: an answer is sent whole."""

    def resume_reading(self) -> None:
        """Do nothing: an answer is sent whole."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: nothing is buffered."""
