"""The server's side of a client's connection: bytes of requests in, bytes of answers out."""

from collections.abc import Iterator

import h11

from flagbench.http_library import httpx
from flagbench.run.streamed_answer import StreamedAnswer

_MOST_HEADER_BYTES = 2**20
# Of the way that the bytes go, which is another one here than it was in the recording.
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class ServedConnection:
    """A connection to an origin such as `https://api.openai.com`."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._server = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEADER_BYTES)
        self._asked: h11.Request | None = None
        self._body = bytearray()

    def requests_of(self, data: bytes) -> Iterator[httpx.Request]:
        """Each request that is whole with these bytes."""
        self._server.receive_data(data)
        while True:
            event = self._server.next_event()
            if isinstance(event, h11.Request):
                self._asked = event
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                yield self._request()
            else:
                return

    def _request(self) -> httpx.Request:
        assert self._asked is not None  # noqa: S101  it comes before its end
        target = self._asked.target.decode("ascii")
        # A proxy is asked with the whole address.
        url = target if target.startswith(("http://", "https://")) else self._origin + target
        kept = [item for item in self._asked.headers if item[0] not in _FRAMING]
        body, self._body = bytes(self._body), bytearray()
        return httpx.Request(self._asked.method.decode("ascii"), url, headers=kept, content=body)

    def beginning_of(self, response: httpx.Response, *, closes: bool = False) -> bytes:
        """The head of a streamed answer, or the whole of another; `closes` ends the connection."""
        dropped = {*_FRAMING, b"connection"} if closes else _FRAMING
        headers = [item for item in response.headers.raw if item[0].lower() not in dropped]
        if closes:
            headers.append((b"connection", b"close"))
        streamed = response.stream
        body = b""
        if not isinstance(streamed, StreamedAnswer):
            body = b"".join(streamed)  # type: ignore[arg-type]
            headers.append((b"content-length", b"%d" % len(body)))
        head = self._server.send(
            h11.Response(
                status_code=response.status_code,
                headers=headers,
                reason=response.reason_phrase.encode("ascii", "replace"),
            )
        )
        assert head is not None  # noqa: S101  only an event of a closed connection has no bytes
        if isinstance(streamed, StreamedAnswer):
            return head
        return head + self.piece_of(body) + self.end()

    def piece_of(self, data: bytes) -> bytes:
        """A part of the body."""
        return self._server.send(h11.Data(data=data)) or b""

    def end(self) -> bytes:
        """The end of an answer, after which the next request may come."""
        data = self._server.send(h11.EndOfMessage()) or b""
        if self._server.our_state is h11.DONE and self._server.their_state is h11.DONE:
            self._server.start_next_cycle()
        return data
