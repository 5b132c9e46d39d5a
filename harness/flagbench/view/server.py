"""The pages over HTTP on loopback.

Cells are replayed in a process of their own, since a replay takes over clock, folder and network.
"""

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from flagbench.errors import CouldNotRun, FlagbenchError, Problem
from flagbench.report.rendered import PAGE_FILE
from flagbench.run.options import Options
from flagbench.series import refuted_files
from flagbench.view import pages
from flagbench.view.library import Library, NotThere
from flagbench.view.pages import Pages

_POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_AS_TEXT = {"content-security-policy": "default-src 'none'", "x-content-type-options": "nosniff"}
_TYPES = {".css": "text/css", ".js": "text/javascript"}
Prepare = Callable[[], None]


class _Worker:
    """The process that renders pages; another one follows it where a subject has ended it."""

    def __init__(self, options: Options, paths: Sequence[Path], prepare: Prepare) -> None:
        self._arguments = options, tuple(paths), prepare
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, spawn, _begin, self._arguments)
        pool.submit(int)  # the process starts now, not when the first page is asked for
        return pool

    def page(self, path: str, query: Mapping[str, str]) -> tuple[int, str]:
        """The status and the text of a page."""
        try:
            return self._pool.submit(_page, path, dict(query)).result()
        except BrokenProcessPool:
            self._pool = self._start()
            return 500, "the process that replays cells ended; a subject may have ended it"

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown(cancel_futures=True)


_pages: list[Pages] = []


def _begin(options: Options, paths: Sequence[Path], prepare: Prepare) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which ends this process
    threading.Thread(target=_end_with_server, daemon=True).start()
    prepare()
    _pages.append(Pages(Library(options, paths)))


def _end_with_server() -> None:
    """End this process where the server was killed, and could not end it."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(0)


def _page(path: str, query: Mapping[str, str]) -> tuple[int, str]:
    (shown,) = _pages
    try:
        return 200, shown.page(path, query)
    except NotThere as error:
        return 404, shown.problem(path, "Not here", str(error))
    except CouldNotRun as error:
        return 200, shown.problem(path, "COULD NOT RUN", str(error))
    except FlagbenchError as error:
        return 500, shown.problem(path, "This cannot be shown", str(error))


def create_app(worker: _Worker, report: Path) -> Starlette:
    """The ASGI application; `report` is the path of the run's report.html."""

    def page(request: Request) -> Response:
        status, text = worker.page(request.path_params["path"], request.query_params)
        return HTMLResponse(text, status, headers={"content-security-policy": _POLICY})

    def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in pages.STATIC:
            return PlainTextResponse("not here", 404)
        return Response(pages.static(name), media_type=_TYPES[Path(name).suffix])

    def refuted(request: Request) -> Response:
        """A refuted file as text, never as a page; other names are those of pages."""
        name = request.path_params["name"]
        path = refuted_files.kept(report.parent).get(name)
        if path is None:
            request.path_params["path"] = f"{refuted_files.FOLDER}/{name}"
            return page(request)
        return Response(path.read_bytes(), media_type="text/plain", headers=_AS_TEXT)

    def whole(_: Request) -> Response:
        return FileResponse(report) if report.exists() else PlainTextResponse("not here", 404)

    return Starlette(
        routes=[
            Route("/report.html", whole),
            Route("/static/{name}", static),
            Route(f"/{refuted_files.FOLDER}/{{name}}", refuted),
            Route("/{path:path}", page),
        ],
        # No page of another site reads this one by a name that it gives to 127.0.0.1.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def serve(
    options: Options,
    paths: Sequence[Path],
    *,
    port: int,
    prepare: Prepare,
    on_ready: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C. `prepare` makes subjects importable in the process of the replays.

    Raises `CouldNotRun` when the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()  # who asks before the server has started waits
    except OSError as error:
        listener.close()
        where = f"127.0.0.1:{port}"
        raise CouldNotRun(
            Problem(f"cannot listen: {error.strerror}", where, "a free port", "--port 0")
        ) from error
    worker = _Worker(options, paths, prepare)
    app = create_app(worker, options.latest / PAGE_FILE)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    on_ready(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    try:
        with suppress(KeyboardInterrupt):  # the way to end it
            server.run(sockets=[listener])
    finally:
        worker.close()
        listener.close()
