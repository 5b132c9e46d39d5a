"""Byte streams to and from a child, which may send anything, at any time, or nothing."""

import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from flagbench.acceptance.sandbox.errors import Misbehaved, TimedOut
from flagbench.acceptance.sandbox.framing import HEAD
from flagbench.acceptance.sandbox.limits import Limits, size_words

# Interval at which time and the child's threads are checked: no event reports them.
_CHECK_SECONDS = 0.1
_PART_BYTES = 65536
_CREDENTIALS = struct.Struct("3i")  # unix(7): process, user, group
_FILE = struct.Struct("i")


class Channel:
    """A socket for frames and a pipe for output, both owned.

    `printed` is the output up to now, at most `output_bytes`. `passed_file` is a descriptor that
    came with the first reply, for the caller to close; None for none.
    """

    def __init__(self, sock: socket.socket, output_file: int, limits: Limits) -> None:
        self.printed = bytearray()
        self.passed_file: int | None = None
        self._has_begun = False
        self._sock = sock
        self._output_file = output_file
        self._limits = limits
        self._process = 0
        self._poll = select.poll()
        self._poll.register(output_file, select.POLLIN)
        sock.setblocking(False)
        os.set_blocking(output_file, False)
        if hasattr(socket, "SO_PASSCRED"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def exchange(self, frame: bytes, seconds: float) -> bytes:
        """Send a frame and return the body of the reply.

        Raises `EOFError` if the child ended, `TimedOut` after `seconds`, and `Misbehaved` if it did
        anything but reply.
        """
        self._expect_silence()
        received = bytearray()

        def take(part: bytes) -> bool:
            if not part:
                raise EOFError
            received.extend(part)
            return self._is_frame(received)

        self.converse(self._sock, frame, take, seconds)
        return bytes(received[HEAD.size :])

    def converse(
        self, sock: socket.socket, data: bytes, take: Callable[[bytes], bool], seconds: float
    ) -> None:
        """Send bytes on a socket of the child, and give what comes to `take` until it has enough.

        `take` gets b"" when the child has closed the socket. Raises as `exchange`, and what `take`
        raises.
        """
        until = time.monotonic() + seconds
        next_check = time.monotonic() + _CHECK_SECONDS
        unsent = memoryview(data)[_send(sock, data) :]
        self._poll.register(sock, select.POLLIN | select.POLLOUT)
        try:
            self._converse(sock, unsent, take, until, next_check, seconds)
        finally:
            with contextlib.suppress(KeyError, ValueError):
                self._poll.unregister(sock)

    def _converse(
        self,
        sock: socket.socket,
        unsent: memoryview,
        take: Callable[[bytes], bool],
        until: float,
        next_check: float,
        seconds: float,
    ) -> None:
        while True:
            self._poll.modify(sock, select.POLLIN | (select.POLLOUT if unsent else 0))
            ready = dict(self._poll.poll(max(next_check - time.monotonic(), 0.0) * 1000))
            if self._output_file in ready:
                self.read_output()
            if events := ready.get(sock.fileno(), 0):
                if unsent:
                    unsent = unsent[_send(sock, unsent) :]
                with contextlib.suppress(BlockingIOError):
                    if events != select.POLLOUT and take(self._receive_part(sock)):
                        return
            now = time.monotonic()
            if now >= until:
                raise TimedOut(f"ran longer than {seconds:g} s")
            if now >= next_check:
                self._count_threads()
                next_check = now + _CHECK_SECONDS

    def read_output(self) -> None:
        """Read the output so far. Raises `Misbehaved` if it is more than the limit."""
        most = self._limits.output_bytes
        with contextlib.suppress(BlockingIOError):
            while len(self.printed) <= most:
                part = os.read(self._output_file, _PART_BYTES)
                if not part:
                    with contextlib.suppress(KeyError):
                        self._poll.unregister(self._output_file)
                    return
                self.printed += part
        if len(self.printed) > most:
            del self.printed[most:]
            raise Misbehaved(f"printed more than {size_words(most)}")

    def hang_up(self) -> None:
        """Close the socket, which the child sees as the end of its input."""
        self._sock.close()

    def close(self) -> None:
        """Close the socket and the pipe, and a descriptor that nobody took."""
        self._sock.close()
        if self.passed_file is not None:
            os.close(self.passed_file)
        os.close(self._output_file)

    def _expect_silence(self) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                early = self._sock.recv(1, socket.MSG_PEEK)
            except ConnectionError as error:
                raise EOFError from error
            if not early:
                raise EOFError
            raise Misbehaved("answered before it was asked")

    def _is_frame(self, received: bytearray) -> bool:
        """True once a frame is complete."""
        if len(received) < HEAD.size:
            return False
        whole: int = HEAD.size + HEAD.unpack_from(received)[0]
        most = self._limits.reply_bytes
        if whole > most:
            raise Misbehaved(f"answered with more than {size_words(most)}")
        if len(received) > whole:
            raise Misbehaved("answered more than it was asked")
        return len(received) == whole

    def _receive_part(self, sock: socket.socket) -> bytes:
        try:
            if self._has_begun:
                return sock.recv(_PART_BYTES)
            # The kernel reports the sender of the first bytes, by its process id in our namespace.
            space = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(_FILE.size)
            part, ancillary, _, _ = sock.recvmsg(_PART_BYTES, space)
        except ConnectionError as error:
            raise EOFError from error
        self._has_begun = True
        for _, kind, data in ancillary:
            if kind == socket.SCM_RIGHTS:
                self.passed_file = _FILE.unpack(data[: _FILE.size])[0]
                os.set_inheritable(self.passed_file, False)
            elif kind == getattr(socket, "SCM_CREDENTIALS", None):
                self._process = _CREDENTIALS.unpack(data)[0]
        return part

    def _count_threads(self) -> None:
        """Count the child's threads (proc(5), stat, field 20). Raises `Misbehaved` if too many."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = Path(f"/proc/{self._process}/stat").read_text(encoding="utf-8")
            if int(stat.rpartition(")")[2].split()[17]) > self._limits.threads:
                raise Misbehaved(f"started more than {self._limits.threads} threads")


def _send(sock: socket.socket, unsent: bytes | memoryview) -> int:
    try:
        return sock.send(unsent)
    except BlockingIOError:
        return 0
    except ConnectionError as error:
        raise EOFError from error
