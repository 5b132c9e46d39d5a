"""Clients of aiohttp: their connections end at the exchange of the cell.

All of a client but the socket stays its own: timeouts on the loop's clock, errors, redirects, the
pool of connections.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import h11

from flagbench.http_library import httpx
from flagbench.run.streamed_answer import StreamedAnswer

if TYPE_CHECKING:
    from flagbench.run.own_clients import Exchange

_MOST_HEADER_BYTES = 2**20


def replacements(library: Any, exchange: "Exchange") -> Iterator[tuple[Any, str, Any]]:
    """Replacements of the library's connector: owner, name, function."""

    async def create_connection(self: Any, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ARG001  aiohttp's
        protocol = self._factory()
        protocol.connection_made(_Line(protocol, str(req.url.origin()), exchange))
        return protocol

    yield library.TCPConnector, "_create_connection", create_connection


class _Line(asyncio.Transport):
    """The transport of a connection: bytes in, requests to the exchange, bytes of answers out."""

    def __init__(self, protocol: Any, origin: str, exchange: "Exchange") -> None:
        super().__init__()
        self._protocol = protocol
        self._origin = origin
        self._exchange = exchange
        self._server = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEADER_BYTES)
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False
        self._loop = asyncio.get_running_loop()

    def write(self, data: Any) -> None:
        """Take bytes of a request; a whole one is answered."""
        self._server.receive_data(bytes(data))
        while True:
            event = self._server.next_event()
            if isinstance(event, h11.Request):
                self._request = event
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self._task = self._loop.create_task(self._answer(self._asked()))
            else:
                return

    def _asked(self) -> httpx.Request:
        assert self._request is not None  # noqa: S101  it comes before its end
        target = self._request.target.decode("ascii")
        # A proxy is asked with the whole address.
        url = target if target.startswith(("http://", "https://")) else self._origin + target
        framing = (b"content-length", b"transfer-encoding")
        kept = [item for item in self._request.headers if item[0] not in framing]
        body, self._body = bytes(self._body), bytearray()
        return httpx.Request(self._request.method.decode("ascii"), url, headers=kept, content=body)

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
        framing = (b"content-length", b"transfer-encoding")
        headers = [item for item in response.headers.raw if item[0].lower() not in framing]
        streamed = response.stream
        body = b""
        if not isinstance(streamed, StreamedAnswer):
            body = b"".join(streamed)  # type: ignore[arg-type]
            headers.append((b"content-length", b"%d" % len(body)))
        head = h11.Response(
            status_code=response.status_code,
            headers=headers,
            reason=response.reason_phrase.encode("ascii", "replace"),
        )
        self._send(head)
        if isinstance(streamed, StreamedAnswer):
            while (piece := await self._exchange.awaited(streamed.read_next())) is not None:
                self._send(h11.Data(data=piece))
        else:
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        if self._server.our_state is h11.DONE and self._server.their_state is h11.DONE:
            self._server.start_next_cycle()

    def _send(self, event: Any) -> None:
        if data := self._server.send(event):
            self._protocol.data_received(data)

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
