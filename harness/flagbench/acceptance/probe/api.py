"""The generated API, served by uvicorn as in production on a socket that was opened outside."""

import logging
import os
import socket
import traceback
from collections.abc import Callable
from typing import Any

from flagbench.acceptance.probe import database, disguise

APPLICATION = "app.main:app"
# Between two requests, the judge may wait for something else.
_IDLE_SECONDS = 600


def server(listening: socket.socket, started: Callable[[], None]) -> Callable[[Any], Any]:
    """Build the function that serves; it calls `started`, and ends with the process."""
    disguise.begin("uvicorn", APPLICATION)

    def serve(command: dict[str, Any]) -> None:
        database.use(command["database"])
        run(APPLICATION, listening, started)

    return serve


def run(application: Any, listening: socket.socket, started: Callable[[], None]) -> None:
    """Serve an application, which may be a name. Raises what its import or its startup raises."""
    import uvicorn  # noqa: PLC0415  only the sandbox imports it

    is_serving = False

    async def notify() -> None:
        nonlocal is_serving
        is_serving = True
        started()

    last = _LastError()
    config = uvicorn.Config(
        application, fd=listening.fileno(), log_level="error", callback_notify=notify,
        timeout_notify=10**9, timeout_keep_alive=_IDLE_SECONDS,
    )  # fmt: skip
    logging.getLogger("uvicorn.error").addHandler(last)
    try:
        uvicorn.Server(config).run()
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
