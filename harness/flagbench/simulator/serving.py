"""An application on loopback, in a daemon thread."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from flagbench.errors import CouldNotRun, Problem

START_SECONDS = 10.0


@contextmanager
def served(app: Starlette, port: int) -> Iterator[int]:
    """Serve an application on 127.0.0.1 and yield its port; port 0 takes a free one.

    Raises `CouldNotRun` when the port is taken or the server does not start.
    """
    # asyncio sets TCP_NODELAY only for a socket that names its protocol; without it every answer
    # waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        where = f"127.0.0.1:{port}"
        problem = Problem(f"the provider cannot listen: {error.strerror}", where, "a free port")
        raise CouldNotRun(problem) from error
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    logging.getLogger("uvicorn.error").addFilter(_is_unexpected)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=START_SECONDS)
        listener.close()


def _is_unexpected(record: logging.LogRecord) -> bool:
    """True but for the server's message about a connection that an application makes it close."""
    return "without completing response" not in record.getMessage()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise CouldNotRun(Problem("the provider's server did not start", "127.0.0.1"))
        time.sleep(0.005)
