"""The generated API, served by uvicorn as in production on a socket that was opened outside."""

import logging
import os
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flagbench.acceptance.probe import database, disguise
from flagbench.acceptance.sandbox.child_main import Line

APPLICATION = "app.main:app"
# Between two requests, the judge may wait for something else.
_IDLE_SECONDS = 600


def server(listening: socket.socket, line: Line) -> Callable[[Any], Any]:
    """Build the function that serves; its reply says that it has started."""
    disguise.begin("uvicorn", APPLICATION)

    def serve(command: dict[str, Any]) -> None:
        database.use(command["database"])
        run(APPLICATION, listening, line)

    return serve


def run(
    application: Any,
    listening: socket.socket,
    line: Line,
    reply: Callable[[], Any] = lambda: None,
) -> None:
    """Serve an application, which may be a name; `reply` is called once it has started.

    Raises what its import or its startup raises.
    """
    import uvicorn  # noqa: PLC0415  only the sandbox imports it

    async def notify() -> None:
        started()

    config = uvicorn.Config(
        application, fd=listening.fileno(), log_level="error", callback_notify=notify,
        timeout_notify=10**9, timeout_keep_alive=_IDLE_SECONDS,
    )  # fmt: skip
    with serving(line, reply) as started:
        server = uvicorn.Server(config)
        server.run()
        if not server.started:  # versions before 0.50 return
            raise SystemExit(1)


@contextmanager
def serving(line: Line, reply: Callable[[], Any] = lambda: None) -> Iterator[Callable[[], None]]:
    """Serve within; the process ends after it. Begins after uvicorn has configured its logs.

    Gives the function that tells that the application has started, by the `reply`. Raises what was
    raised before.
    """
    is_serving = False

    def started() -> None:
        nonlocal is_serving
        is_serving = True
        line.reply(reply())

    last = _LastError()
    logging.getLogger("uvicorn.error").addHandler(last)
    try:
        yield started
    except BaseException as error:
        if is_serving:
            traceback.print_exc()
            os._exit(1)
        if isinstance(error, SystemExit) and last.message:
            raise RuntimeError(last.message) from error
        raise
    os._exit(0)


def load() -> None:
    """Import the modules of the server without serving."""
    import uvicorn  # noqa: PLC0415  as above

    async def nothing(*_: Any) -> None:
        pass

    config = uvicorn.Config(nothing, log_level="error")
    config.load()
    config.get_loop_factory()


class _LastError(logging.Handler):
    """Keeps the last line of what the server logged: the reason why it does not start."""

    message = ""

    def emit(self, record: logging.LogRecord) -> None:
        lines = record.getMessage().strip().splitlines()
        if lines and lines[-1] != "Application startup failed. Exiting.":
            self.message = lines[-1]
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            self.message = f"{type(error).__name__}: {error}"
