"""Client of one child: commands, replies and output."""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from flagbench.acceptance.sandbox import framing
from flagbench.acceptance.sandbox.channel import Channel
from flagbench.acceptance.sandbox.errors import Misbehaved, Raised, SandboxFailed, TimedOut
from flagbench.acceptance.sandbox.fork_server_client import ChildExit
from flagbench.acceptance.sandbox.http_exchange import HttpConnection, HttpRequest, HttpResponse
from flagbench.acceptance.sandbox.limits import Limits, size_words
from flagbench.errors import Problem

# The limit counts whole ticks, the usage reported at the end is exact, and lower on a busy machine
# (seen: 0.9 s of 1 s).
_TICKED_SHARE = 0.5
# Walls and imports take milliseconds, and none of that is the artifact's time.
_BEGIN_SECONDS = 60.0
_EXCEPTION = {"type", "message", "traceback"}
_NOT_AN_ANSWER = "answered something that is not an answer"


class Child:
    """One child, from its fork to its end; after misbehaving it gets no further command.

    `end(is_patient)` ends the process, immediately or after a grace period, and returns its exit.
    `socket_path` is the socket on which it may serve.
    """

    def __init__(
        self,
        channel: Channel,
        limits: Limits,
        end: Callable[[bool], ChildExit],
        socket_path: str = "",
    ) -> None:
        self._channel = channel
        self._limits = limits
        self._end = end
        self._fault: Misbehaved | None = None
        self._is_running = True
        self._turn = threading.Lock()  # a page's requests come from the threads of a relay
        self._http = HttpConnection(socket_path, self._converse, limits.reply_bytes)

    @property
    def output(self) -> str:
        """The child's output up to now, at most `output_bytes`, safe to display."""
        with contextlib.suppress(Misbehaved):
            self._channel.read_output()
        return plain(self._channel.printed.decode("utf-8", "replace"))

    def begin(self, files: Mapping[str, str]) -> dict[str, str]:
        """Send the child its files; return the walls that it could not raise, with reasons.

        Raises `SandboxFailed`: no generated code has run yet.
        """
        try:
            reply = self._reply_to(framing.pack({"files": dict(files)}), _BEGIN_SECONDS)
        except Misbehaved as fault:
            what = f"a child could not begin: it {fault}"
            raise SandboxFailed(Problem(f"{what}\n{self.output}".strip())) from fault
        if "failed" in reply:
            raise SandboxFailed(Problem(f"a child could not begin: {reply['failed']}"))
        reasons: dict[str, str] = reply["ready"]
        return reasons

    def ask(self, command: Mapping[str, Any], answer: Callable[[Any], Any] | None = None) -> Any:
        """Send a command and return the child's answer.

        `answer` answers what the child asks meanwhile. Raises `Misbehaved` for anything but an
        answer, and `Raised` for an exception.
        """
        seconds = self._limits.wall_seconds
        until = time.monotonic() + seconds
        reply = self._reply_to(framing.pack(dict(command)), seconds)
        while answer is not None and reply.keys() == {"asked"}:
            given = framing.pack({"answer": answer(reply["asked"])})
            if time.monotonic() >= until:
                raise self._stop(TimedOut(f"ran longer than {seconds:g} s"))
            reply = self._reply_to(given, seconds)
        if reply.keys() == {"value"}:
            return reply["value"]
        raised: Any = reply.get("raised")
        if reply.keys() != {"raised"} or not _is_exception(raised):
            raise self._stop(Misbehaved(_NOT_AN_ANSWER))
        name, message = plain(raised["type"]), plain(raised["message"])
        if name == "MemoryError" and not message:
            message = f"used more than {size_words(self._limits.memory_bytes)} of memory"
        raise Raised(name, message, plain(raised["traceback"]))

    def request(self, request: HttpRequest) -> HttpResponse:
        """Send a request to what the child serves; the response. Raises `Misbehaved`."""
        with self._turn:
            if self._fault is not None:
                raise self._fault
            try:
                return self._http.exchange(request)
            except EOFError:
                ended = self._finish(is_patient=True)
                raise self._stop(Misbehaved(_describe(ended, self._limits))) from None
            except Misbehaved as fault:
                raise self._stop(fault) from None

    def output_since(self, position: int, seconds: float) -> str:
        """Output after the first `position` characters; waits for some, and then for its end."""
        until, text = time.monotonic() + seconds, ""
        while not text.endswith("\n") and time.monotonic() < until:
            time.sleep(0.005)
            text = self.output[position:]
        return text

    def take_listener(self) -> socket.socket:
        """The listening socket that the child passed when it began. Raises `SandboxFailed`."""
        file, self._channel.passed_file = self._channel.passed_file, None
        if file is None:
            raise SandboxFailed(Problem("a child passed no socket"))
        return socket.socket(fileno=file)

    def close(self) -> None:
        """End the child."""
        self._http.close()
        try:
            self._finish(is_patient=False)
            with contextlib.suppress(Misbehaved):
                self._channel.read_output()
        finally:
            self._channel.close()

    def _reply_to(self, frame: bytes, seconds: float) -> dict[str, Any]:
        if self._fault is not None:
            raise self._fault
        try:
            reply = framing.unpack(self._channel.exchange(frame, seconds))
        except EOFError:
            ended = self._finish(is_patient=True)
            raise self._stop(Misbehaved(_describe(ended, self._limits))) from None
        except Misbehaved as fault:
            raise self._stop(fault) from None
        except (ValueError, RecursionError) as error:
            raise self._stop(Misbehaved("answered something that is not JSON")) from error
        if not isinstance(reply, dict):
            raise self._stop(Misbehaved(_NOT_AN_ANSWER))
        return reply

    def _converse(self, sock: socket.socket, data: bytes, take: Callable[[bytes], bool]) -> None:
        self._channel.converse(sock, data, take, self._limits.wall_seconds)

    def _stop(self, fault: Misbehaved) -> Misbehaved:
        """Remember the fault and end the child."""
        self._fault = fault
        self._finish(is_patient=False)
        return fault

    def _finish(self, *, is_patient: bool) -> ChildExit | None:
        if not self._is_running:
            return None
        self._is_running = False
        self._channel.hang_up()
        return self._end(is_patient)


def _is_exception(raised: Any) -> bool:
    return (
        isinstance(raised, dict)
        and raised.keys() == _EXCEPTION
        and all(isinstance(text, str) for text in raised.values())
    )


def _describe(ended: ChildExit | None, limits: Limits) -> str:
    """A child's end as a verb phrase: "ended with exit code 1"."""
    if ended is None or ended.was_alive:
        return "closed its connection"
    if ended.exit_code >= 0:
        return f"ended with exit code {ended.exit_code}"
    number = -ended.exit_code
    # Signals between SIGRTMIN and SIGRTMAX have no name.
    known = [each.name for each in signal.Signals if each == number]
    name = known[0] if known else f"signal {number}"
    is_out_of_time = ended.cpu_seconds >= limits.cpu_seconds * _TICKED_SHARE
    if is_out_of_time and name in ("SIGKILL", "SIGXCPU"):
        return f"used more than {limits.cpu_seconds} s of CPU"
    if name == "SIGKILL":
        return "was killed by SIGKILL, as the system does when it is out of memory"
    return f"was killed by {name}"


def plain(text: str) -> str:
    """The text with unprintable characters replaced, except line ends and tabs.

    Generated code may print sequences that move a cursor or hide a line.
    """
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)
