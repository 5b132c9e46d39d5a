"""Frames on a socket, however they are cut on their way."""

import socket
import threading

import pytest

from flagbench.acceptance.sandbox import framing


@pytest.mark.parametrize("parts", [[3, 1, 2], [100_000]], ids=["in pieces", "at once"])
def test_a_value_that_comes_alone(parts: list[int]) -> None:
    """In whatever pieces it comes; one that another follows, or that breaks off, is an error."""
    value = "x" * 80_000
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=_send_in_parts, args=(theirs, framing.pack(value), parts))
        sender.start()
        assert framing.receive_alone(ours) == value
        sender.join()
        theirs.sendall(framing.pack(1) + framing.pack(2))
        with pytest.raises(ValueError, match="followed by another"):
            framing.receive_alone(ours)
        theirs.sendall(framing.pack(1)[:2])
        theirs.close()
        with pytest.raises(EOFError):
            framing.receive_alone(ours)


def _send_in_parts(sock: socket.socket, data: bytes, sizes: list[int]) -> None:
    for size in (*sizes, len(data)):
        sock.sendall(data[:size])
        data = data[size:]
