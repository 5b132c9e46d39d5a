"""The harness's end of a child: what is asked, what is answered, and what it printed."""

import contextlib
import signal
from collections.abc import Callable, Mapping
from typing import Any

from flagbench.acceptance.sandbox import framing
from flagbench.acceptance.sandbox.channel import Channel
from flagbench.acceptance.sandbox.errors import Misbehaved, Raised, SandboxFailed
from flagbench.acceptance.sandbox.fork_server_client import ChildExit
from flagbench.acceptance.sandbox.limits import Limits, size_words
from flagbench.errors import Problem

# The limit counts whole ticks, the use that is told at the end is exact: on a busy machine that is
# less (seen: 0.9 s of 1 s).
_TICKED_SHARE = 0.5
# Walls and imports take milliseconds, and none of them is the artifact's.
_BEGIN_SECONDS = 60.0
_EXCEPTION = {"type", "message", "traceback"}


class Child:
    """One child, from its fork to its end; one that has misbehaved is not asked again.

    `end` ends the process, at once or after it had time to, and tells how it ended.
    """

    def __init__(self, line: Channel, limits: Limits, end: Callable[[bool], ChildExit]) -> None:
        self._line = line
        self._limits = limits
        self._end = end
        self._fault: Misbehaved | None = None
        self._is_running = True

    @property
    def output(self) -> str:
        """What the child printed up to now, at most `output_bytes` of it, safe to show."""
        with contextlib.suppress(Misbehaved):
            self._line.read_output()
        return plain(self._line.printed.decode("utf-8", "replace"))

    def begin(self, files: Mapping[str, str]) -> dict[str, str]:
        """Give the child its files; the walls that it could not raise, and why.

        Raises `SandboxFailed`: nothing generated has run yet.
        """
        try:
            told = self._told(framing.packed({"files": dict(files)}), _BEGIN_SECONDS)
        except Misbehaved as fault:
            what = f"a child could not begin: it {fault}"
            raise SandboxFailed(Problem(f"{what}\n{self.output}".strip())) from fault
        if "failed" in told:
            raise SandboxFailed(Problem(f"a child could not begin: {told['failed']}"))
        reasons: dict[str, str] = told["ready"]
        return reasons

    def ask(self, command: Mapping[str, Any]) -> Any:
        """The child's answer to a command.

        Raises `Misbehaved` if what it did is no answer, and `Raised` for an exception.
        """
        told = self._told(framing.packed(dict(command)), self._limits.wall_seconds)
        if told.keys() == {"value"}:
            return told["value"]
        raised: Any = told.get("raised")
        if told.keys() != {"raised"} or not _is_exception(raised):
            raise self._stop(Misbehaved("answered something that is no answer"))
        name, message = plain(raised["type"]), plain(raised["message"])
        if name == "MemoryError" and not message:
            message = f"used more than {size_words(self._limits.memory_bytes)} of memory"
        raise Raised(name, message, plain(raised["traceback"]))

    def close(self) -> None:
        """End the child."""
        try:
            self._finish(is_patient=False)
            with contextlib.suppress(Misbehaved):
                self._line.read_output()
        finally:
            self._line.close()

    def _told(self, frame: bytes, seconds: float) -> dict[str, Any]:
        if self._fault is not None:
            raise self._fault
        try:
            told = framing.unpacked(self._line.exchange(frame, seconds))
        except EOFError:
            ended = self._finish(is_patient=True)
            raise self._stop(Misbehaved(_words(ended, self._limits))) from None
        except Misbehaved as fault:
            raise self._stop(fault) from None
        except (ValueError, RecursionError) as error:
            raise self._stop(Misbehaved("answered something that is no JSON")) from error
        if not isinstance(told, dict):
            raise self._stop(Misbehaved("answered something that is no answer"))
        return told

    def _stop(self, fault: Misbehaved) -> Misbehaved:
        """Remember the fault and end the child."""
        self._fault = fault
        self._finish(is_patient=False)
        return fault

    def _finish(self, *, is_patient: bool) -> ChildExit | None:
        if not self._is_running:
            return None
        self._is_running = False
        self._line.hang_up()
        return self._end(is_patient)


def _is_exception(raised: Any) -> bool:
    return (
        isinstance(raised, dict)
        and raised.keys() == _EXCEPTION
        and all(isinstance(one, str) for one in raised.values())
    )


def _words(ended: ChildExit | None, limits: Limits) -> str:
    """How a child ended, for a person."""
    if ended is None or ended.was_alive:
        return "closed its connection"
    if ended.exit_code >= 0:
        return f"ended with exit code {ended.exit_code}"
    number = -ended.exit_code
    # Those between SIGRTMIN and SIGRTMAX have no name.
    known = [one.name for one in signal.Signals if one == number]
    name = known[0] if known else f"signal {number}"
    is_out_of_time = ended.cpu_seconds >= limits.cpu_seconds * _TICKED_SHARE
    if is_out_of_time and name in ("SIGKILL", "SIGXCPU"):
        return f"used more than {limits.cpu_seconds} s of CPU"
    if name == "SIGKILL":
        return "was killed by SIGKILL, as the system does when it is out of memory"
    return f"was killed by {name}"


def plain(text: str) -> str:
    """The text with every character that does not print replaced, line ends and tabs apart.

    Generated code may print what moves a cursor or hides a line.
    """
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)
