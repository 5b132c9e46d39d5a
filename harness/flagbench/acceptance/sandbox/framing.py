"""JSON values over a stream socket: four bytes of length, most significant first, then UTF-8."""

import json
import math
import socket
import struct
from typing import Any, NoReturn

HEAD = struct.Struct("!I")


def packed(value: Any) -> bytes:
    """A value as a frame. Raises `TypeError`, `ValueError` or `RecursionError` if it is no JSON.

    Lone surrogates become question marks: they are no text, and nobody could print them.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    body = text.encode("utf-8", "replace")
    return HEAD.pack(len(body)) + body


def unpacked(body: bytes) -> Any:
    """The value in a frame's body.

    Raises `ValueError` (bad UTF-8, bad JSON, no finite number, a lone surrogate) or
    `RecursionError`.
    """
    value = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    if b"\\ud" in body.lower():
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def send(sock: socket.socket, value: Any) -> None:
    """Send a value on a blocking socket."""
    sock.sendall(packed(value))


def receive(sock: socket.socket, begun: bytes = b"") -> Any:
    """The next value from a blocking socket, of which the bytes `begun` were read before.

    Raises `EOFError` when the other side has closed it. Only for a trusted other side.
    """
    head = begun[: HEAD.size]
    head += _exactly(sock, HEAD.size - len(head))
    body = begun[HEAD.size :]
    (size,) = HEAD.unpack(head)
    return unpacked(body + _exactly(sock, size - len(body)))


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)
