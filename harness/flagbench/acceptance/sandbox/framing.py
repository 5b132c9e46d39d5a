"""JSON over a stream socket: four bytes of length, most significant first, then UTF-8."""

import json
import math
import socket
import struct
from typing import Any, NoReturn

HEAD = struct.Struct("!I")
_PART_BYTES = 65536


def pack(value: Any) -> bytes:
    """Encode a value as a frame. Lone surrogates, which UTF-8 has not, become question marks.

    Raises `TypeError`, `ValueError` or `RecursionError` for a value that is not JSON.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    body = text.encode("utf-8", "replace")
    return HEAD.pack(len(body)) + body


def unpack(body: bytes) -> Any:
    """Decode the body of a frame.

    Raises `ValueError` (bad UTF-8, bad JSON, an infinite number, a lone surrogate) or
    `RecursionError`.
    """
    value = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    if b"\\ud" in body.lower():
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def send(sock: socket.socket, value: Any) -> None:
    """Send a value on a blocking socket."""
    sock.sendall(pack(value))


def receive(sock: socket.socket, begun: bytes = b"") -> Any:
    """Receive a value from a blocking socket; its first bytes `begun` have been read already.

    Only for a trusted peer. Raises `EOFError` when the peer has closed the socket.
    """
    head = begun[: HEAD.size]
    head += _read(sock, HEAD.size - len(head))
    body = begun[HEAD.size :]
    (size,) = HEAD.unpack(head)
    return unpack(body + _read(sock, size - len(body)))


def receive_alone(sock: socket.socket) -> Any:
    """Receive a value that nothing follows before it is answered, which takes one call fewer.

    Raises as `receive`, and `ValueError` for a peer that has sent more.
    """
    data = sock.recv(_PART_BYTES)
    data += _read(sock, HEAD.size - len(data)) if 0 < len(data) < HEAD.size else b""
    if not data:
        raise EOFError
    whole: int = HEAD.size + HEAD.unpack_from(data)[0]
    if len(data) > whole:
        msg = "a frame is followed by another"
        raise ValueError(msg)
    return unpack(data[HEAD.size :] + _read(sock, whole - len(data)))


def _read(sock: socket.socket, size: int) -> bytes:
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
    msg = f"{constant} is not JSON"
    raise ValueError(msg)
