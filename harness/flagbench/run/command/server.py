"""The proxy of a provider: an HTTP server on loopback whose answers another object gives.

h11 has the protocol. A whole server such as uvicorn has timers of its own, which would pass on the
virtual clock of a command.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import h11

from flagbench.http_library import httpx
from flagbench.run.command.routes import Routes

Answer = Callable[[httpx.Request], Awaitable[httpx.Response]]

_MOST_REQUEST_BYTES = 64 * 2**20
_MOST_HEAD_BYTES = 256 * 2**10
# Headers of the connection, and of the framing, which are written again.
_DROPPED_FROM_REQUEST = frozenset(
    [
        b"host", b"connection", b"keep-alive", b"proxy-connection", b"te", b"upgrade", b"expect",
        b"transfer-encoding", b"content-length", b"accept-encoding",
    ]
)  # fmt: skip
_DROPPED_FROM_ANSWER = frozenset(
    [b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"content-encoding"]
)


class Proxy:
    """A running server; `answer` is asked for every request, as one to where `routes` leads it.

    `on_error` is called with what `answer` raises, except errors of HTTP, and returns the
    words for the client; None where the client is ended, which must not go on before. `pending` are
    the calls that wait for their answers; those whose client has gone are in `abandoned` until
    `drop`.
    """

    def __init__(
        self, answer: Answer, routes: Routes, on_error: Callable[[BaseException], str | None]
    ) -> None:
        self.answer = answer
        self.on_error = on_error
        self.routes = routes
        self._server: asyncio.Server | None = None
        self.pending: set[asyncio.Task[None]] = set()
        self.abandoned: set[asyncio.Task[None]] = set()
        self.on_change: Callable[[], None] = lambda: None
        self.on_abandoned: Callable[[], object] = lambda: None
        self._connections: set[_Connection] = set()
        self.port = 0

    @property
    def address(self) -> str:
        """The URL of the proxy, without a path."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on loopback. Raises `OSError` for a port that is taken."""
        loop = asyncio.get_running_loop()
        sock = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = sock.getsockname()[1]
        self._server = await loop.create_server(lambda: _Connection(self), sock=sock)

    async def close(self) -> None:
        """Stop listening, and drop every connection with its call."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.abort()
        tasks = tuple(self.pending)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def drop_abandoned(self) -> bool:
        """Cancel the calls whose client has gone. True if there were any."""
        gone, self.abandoned = self.abandoned & self.pending, set()
        for task in gone:
            task.cancel()
        return bool(gone)

    def begin(self, call: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Serve a request as a task of its own."""
        task = asyncio.ensure_future(call)
        self.pending.add(task)
        self.on_change()

        def end(ended: asyncio.Task[None]) -> None:
            error = None if ended.cancelled() else ended.exception()
            # An interrupt has ended the loop by itself; asyncio would print its traceback.
            if error is not None and not isinstance(error, KeyboardInterrupt):
                context = {"message": "a call failed", "exception": error, "task": ended}
                ended.get_loop().call_exception_handler(context)
            self.pending.discard(task)
            self.abandoned.discard(task)
            self.on_change()

        task.add_done_callback(end)
        return task

    def opened(self, connection: "_Connection") -> None:
        """Note a connection."""
        self._connections.add(connection)

    def lost(self, connection: "_Connection", task: "asyncio.Task[None] | None") -> None:
        """Note a connection that has ended, perhaps before its answer."""
        self._connections.discard(connection)
        if task is not None and not task.done():
            self.abandoned.add(task)
            self.on_abandoned()


class _Connection(asyncio.Protocol):
    """One connection of a client, which sends its requests one after the other."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEAD_BYTES)
        self._transport: asyncio.Transport | None = None
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  asyncio's contract
        self._transport = transport
        # asyncio does so only for sockets that were opened with the number of the protocol.
        self._set_now(socket.TCP_NODELAY)
        self._proxy.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """The client has gone, or was sent away."""
        self._may_write.set()
        self._proxy.lost(self, self._task)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._set_now(getattr(socket, "TCP_QUICKACK", None))
        self._http.receive_data(data)
        self._read()

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """The client has read."""
        self._may_write.set()

    def abort(self) -> None:
        """Close the connection as a provider does that breaks down."""
        if self._transport is not None:
            self._transport.abort()

    def _set_now(self, option: int | None) -> None:
        """Have the system send at once, so that nothing is under way while all are blocked.

        By default an answer in two parts, or a request, may wait for the acknowledgement of its
        first one, which is 40 ms late: to the clock of a command these are a rest.
        """
        assert self._transport is not None  # noqa: S101  it has been connected
        if option is not None:
            sock = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.IPPROTO_TCP, option, 1)

    def _read(self) -> None:
        try:
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    if self._http.they_are_waiting_for_100_continue:
                        self._send(h11.InformationalResponse(status_code=100, headers=[]))
                    return
                if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    return
                if isinstance(event, h11.Request):
                    self._request, self._body = event, bytearray()
                elif isinstance(event, h11.Data):
                    self._body += event.data
                    if len(self._body) > _MOST_REQUEST_BYTES:
                        self._refuse(413, "the request is too large")
                        return
                elif isinstance(event, h11.EndOfMessage):
                    self._task = self._proxy.begin(self._serve())
                    return
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint, str(error))

    async def _serve(self) -> None:
        """Answer one request."""
        asked = self._request
        assert asked is not None  # noqa: S101  it has been read
        target, routes = asked.target.decode("latin-1"), self._proxy.routes
        try:
            request = httpx.Request(
                asked.method.decode(),
                routes.url_of(target),
                headers=[item for item in asked.headers if item[0] not in _DROPPED_FROM_REQUEST],
                content=bytes(self._body),
            )
            response = await self._proxy.answer(request)
            if location := response.headers.get("location"):
                response.headers["location"] = routes.redirect(target, location)
            await self._write(response)
        except httpx.TransportError:
            self.abort()
            return
        except asyncio.CancelledError:
            self.abort()
            raise
        except BaseException as error:
            told = self._proxy.on_error(error)
            if told is not None:
                self._refuse(400, told)  # and not 500, after which a client asks again
            if isinstance(error, KeyboardInterrupt):
                raise

    async def _write(self, response: httpx.Response) -> None:
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if name.lower() not in _DROPPED_FROM_ANSWER
        ]
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            # Without a length h11 sends it in chunks, each as it comes.
            self._send(h11.Response(status_code=response.status_code, headers=headers))
            async for chunk in _chunks(response):
                await self._may_write.wait()
                self._send(h11.Data(data=chunk))
        else:
            body = b"".join([chunk async for chunk in _chunks(response)])
            length = (b"content-length", str(len(body)).encode())
            headers = [*headers, length] if response.status_code not in (204, 304) else headers
            self._send(h11.Response(status_code=response.status_code, headers=headers))
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._task = None
            self._read()
        elif self._transport is not None:
            self._transport.close()

    def _refuse(self, status: int, reason: str) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = reason.encode()
            headers = [("content-length", str(len(body))), ("connection", "close")]
            self._send(h11.Response(status_code=status, headers=headers))
            self._send(h11.Data(data=body))
            self._send(h11.EndOfMessage())
        if self._transport is not None:
            self._transport.close()

    def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes: a stream that waits between its chunks is sent with these waits."""
    if isinstance(response.stream, httpx.AsyncByteStream):
        async for chunk in response.stream:
            yield chunk
    else:
        for chunk in response.stream:
            yield chunk
