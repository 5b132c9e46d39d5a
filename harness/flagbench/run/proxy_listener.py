"""A proxy on loopback that passes nothing on and notes which hosts it was asked for."""

import socket
import threading
from urllib.parse import urlsplit

_REFUSAL = (
    b"HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n"
    b"a replay reaches no network\n"
)
# A client sends its first line at once.
_READ_SECONDS = 1.0


class ProxyListener:
    """Listener for the time of a cell. It answers once `serve` has started its thread."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._thread: threading.Thread | None = None
        self._hosts: list[str] = []

    @property
    def address(self) -> str:
        """The URL of the proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port of the proxy."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that clients asked for, in order."""
        return tuple(self._hosts)

    def serve(self) -> None:
        """Answer from a thread: only a program that runs beside the cell needs it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._answer_all, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        if self._thread is not None:
            # It wakes the thread on every platform; closing a socket does not.
            with socket.create_connection(("127.0.0.1", self.port)) as last:
                last.sendall(b"\n")
            self._thread.join()
        self._socket.close()

    def _answer_all(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                client.settimeout(_READ_SECONDS)
                try:
                    line = client.recv(4096).partition(b"\r\n")[0]
                    if line == b"\n":
                        return
                    self._hosts.append(_host_of(line))
                    client.sendall(_REFUSAL)
                except OSError:  # the client has gone, or sent nothing
                    self._hosts.append("an unknown host")


def _host_of(line: bytes) -> str:
    """The host and port in the first line of a request, such as `CONNECT api.test:443 HTTP/1.1`."""
    words = line.decode("ascii", "replace").split()
    if len(words) < 2:
        return "an unknown host"
    target = words[1]
    return target if words[0] == "CONNECT" else urlsplit(target).netloc or target
