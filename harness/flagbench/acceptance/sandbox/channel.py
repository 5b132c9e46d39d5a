"""Byte streams to and from a child, which may send anything, at any time, or nothing."""

import contextlib
import os
import select
import socket
import struct
import time
from pathlib import Path

from flagbench.acceptance.sandbox.errors import Misbehaved, TimedOut
from flagbench.acceptance.sandbox.framing import HEAD
from flagbench.acceptance.sandbox.limits import Limits, size_words

# Interval at which time and the child's threads are checked: no event reports them.
_CHECK_SECONDS = 0.1
_PART_BYTES = 65536
_CREDENTIALS = struct.Struct("3i")  # unix(7): process, user, group


class Channel:
    """A socket for frames and a pipe for output, both owned.

    `printed` is the output up to now, at most `output_bytes`.
    """

    def __init__(self, sock: socket.socket, output_file: int, limits: Limits) -> None:
        self.printed = bytearray()
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
        until = time.monotonic() + seconds
        next_check = time.monotonic() + _CHECK_SECONDS
        unsent, received = memoryview(frame), bytearray()
        while True:
            self._poll.register(self._sock, select.POLLIN | (select.POLLOUT if unsent else 0))
            ready = dict(self._poll.poll(max(next_check - time.monotonic(), 0.0) * 1000))
            if self._output_file in ready:
                self.read_output()
            if self._sock.fileno() in ready:
                if unsent:
                    unsent = unsent[self._send(unsent) :]
                body = self._receive(received)
                if body is not None:
                    return body
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
        """Close the socket and the pipe."""
        self._sock.close()
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

    def _send(self, unsent: memoryview) -> int:
        try:
            return self._sock.send(unsent)
        except BlockingIOError:
            return 0
        except ConnectionError as error:
            raise EOFError from error

    def _receive(self, received: bytearray) -> bytes | None:
        """Append incoming bytes to `received`; return the frame's body once it is complete."""
        try:
            received += self._receive_part()
        except BlockingIOError:
            return None
        except ConnectionError as error:
            raise EOFError from error
        if len(received) < HEAD.size:
            return None
        whole = HEAD.size + HEAD.unpack_from(received)[0]
        most = self._limits.reply_bytes
        if whole > most:
            raise Misbehaved(f"answered with more than {size_words(most)}")
        if len(received) > whole:
            raise Misbehaved("answered more than it was asked")
        return bytes(received[HEAD.size :]) if len(received) == whole else None

    def _receive_part(self) -> bytes:
        if self._process or not hasattr(socket, "SCM_CREDENTIALS"):
            part = self._sock.recv(_PART_BYTES)
        else:
            # The kernel reports the sender of the first bytes, by its process id in our namespace.
            space = socket.CMSG_SPACE(_CREDENTIALS.size)
            part, ancillary, _, _ = self._sock.recvmsg(_PART_BYTES, space)
            for _, kind, data in ancillary:
                if kind == socket.SCM_CREDENTIALS:
                    self._process = _CREDENTIALS.unpack(data)[0]
        if not part:
            raise EOFError
        return part

    def _count_threads(self) -> None:
        """Count the child's threads (proc(5), stat, field 20). Raises `Misbehaved` if too many."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = Path(f"/proc/{self._process}/stat").read_text(encoding="utf-8")
            if int(stat.rpartition(")")[2].split()[17]) > self._limits.threads:
                raise Misbehaved(f"started more than {self._limits.threads} threads")
