"""The proxy alone: it replays a cassette to any program by hand, or records one."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flagbench.cassette import file, journal, lock, mismatch
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.cassette.vcr_adapter import IndexedCassette, SentRequest, recording, replaying
from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run.command.clock import HeldLoop
from flagbench.run.command.routes import Routes
from flagbench.run.command.server import Proxy
from flagbench.run.interrupts import Interrupted, interruptible
from flagbench.run.provider_wire import MOST_ANSWER_SECONDS
from flagbench.run.transport import PacedTransport
from flagbench.shell_command import shell_command

_NO_PROVIDER = "http://provider/v1"
_METADATA = {"provider": "proxy"}


@dataclass(slots=True)
class Served:
    """The answers of a proxy. `unknown` are calls of unknown tokens, `refused` unanswered."""

    calls: int = 0
    recorded: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    unknown: int = 0
    refused: int = 0

    def count(self, usage: Any) -> None:
        """Count the tokens of a call."""
        self.calls += 1
        if isinstance(usage, TokenUsage):
            self.prompt_tokens += usage.prompt_tokens
            self.completion_tokens += usage.completion_tokens
        else:
            self.unknown += 1

    def __str__(self) -> str:
        unknown = f"; the tokens of {self.unknown:,} are unknown" if self.unknown else ""
        refused = f"; {self.refused:,} requests without an answer" if self.refused else ""
        # The answer that an interrupt waited for is recorded, and its call was not served.
        of_them = "of them" if self.recorded <= self.calls else "answers"
        recorded = f", {self.recorded:,} {of_them} recorded" if self.recorded else ""
        return (
            f"{self.calls:,} calls{recorded}, {self.prompt_tokens:,} prompt and "
            f"{self.completion_tokens:,} completion tokens{unknown}{refused}"
        )


def serve(
    path: Path,
    *,
    base_url: str | None,
    secrets: tuple[str, ...],
    port: int,
    waits: bool,
    on_ready: Callable[[str], None],
    on_problem: Callable[[CouldNotRun], None],
) -> Served:
    """Serve a cassette until Ctrl-C or SIGTERM; what it lacks is asked of `base_url`, if given.

    `waits` lets every answer take its recorded time; a recording takes the provider's own. A
    request without an answer is reported to `on_problem`, and refused with status 400. `on_ready`
    is called with the address. Raises `CouldNotRun` for a cassette that cannot be read or written.
    """
    served = Served()
    with ExitStack() as undo:
        if base_url is not None:
            undo.enter_context(lock.held(path))
        cassette = _cassette(path, is_recording=base_url is not None)
        before = len(cassette.interactions)

        def explain(cassette: Cassette, request: SentRequest) -> CouldNotRun:
            command = f"{_record_command(path)} --base-url URL"
            return mismatch.explain(cassette, request, where=str(path), record_command=command)

        opened = undo.enter_context(
            replaying(cassette, _NO_PROVIDER, explain)
            if base_url is None
            else recording(cassette, base_url, explain, secrets)
        )
        wire = undo.enter_context(httpx.HTTPTransport(trust_env=False))
        try:
            with interruptible():
                _run(opened, wire, base_url, port, waits, served, on_ready, on_problem)
        except KeyboardInterrupt as ended:
            if isinstance(ended, Interrupted) and ended.loss:
                on_problem(CouldNotRun(ended.loss))
        except OSError as error:
            what = f"cannot listen on port {port}: {error.strerror}"
            raise CouldNotRun(Problem(what, fix="--port 0 takes a free one")) from error
        finally:
            served.recorded = len(cassette.interactions) - before
            # A recording that was killed has left answers in the journal, which are paid, too.
            if served.recorded or (base_url is not None and journal.read(path)):
                file.save(cassette)
            if base_url is not None:
                journal.drop(path)
    return served


def _run(
    opened: IndexedCassette,
    wire: httpx.HTTPTransport,
    base_url: str | None,
    port: int,
    waits: bool,
    served: Served,
    on_ready: Callable[[str], None],
    on_problem: Callable[[CouldNotRun], None],
) -> None:
    transport = PacedTransport(wire, opened, 1, MOST_ANSWER_SECONDS)

    async def answer(request: httpx.Request) -> httpx.Response:
        try:
            response = await transport.handle_async_request(request)
        except CellStopped as stopped:
            opened.stopped = None
            served.refused += 1
            on_problem(stopped.reason)
            error = {"message": str(stopped.reason), "type": "flagbench", "code": "not_answered"}
            return httpx.Response(400, json={"error": error}, request=request)
        count_ended()
        return response

    def count_ended() -> None:
        for call in transport.calls:
            served.count(call.interaction.known_usage)
        transport.calls.clear()

    def fail(error: BaseException) -> str:
        what = f"a call failed: {type(error).__name__}: {error}"
        if not isinstance(error, KeyboardInterrupt):
            served.refused += 1
            on_problem(CouldNotRun(Problem(what)))
        return what

    async def main() -> None:
        proxy = Proxy(answer, Routes(base_url or _NO_PROVIDER, {}), fail)
        proxy.on_abandoned = proxy.drop_abandoned
        await proxy.start(port)
        on_ready(proxy.address)
        try:
            await asyncio.Event().wait()
        finally:
            await proxy.close()
            await transport.pending_calls()  # ends the streams that nobody reads any more
            count_ended()

    # On a held loop no recorded latency is waited for: a recording has taken its own.
    with asyncio.Runner(loop_factory=None if waits and base_url is None else HeldLoop) as runner:
        runner.run(main())


def _record_command(path: Path) -> str:
    return shell_command("flagbench", "proxy", "--cassette", path, "--record")


def _cassette(path: Path, *, is_recording: bool) -> Cassette:
    """The cassette to serve; a recording goes on with what there is, also in its journal."""
    if not is_recording or path.exists():
        loaded = file.load(path, record_command=_record_command(path))
    else:
        loaded = Cassette.of(path, _METADATA, ())
    for interaction in journal.read(path) if is_recording else ():
        loaded.add(interaction)
    return loaded
