"""The generated API as a suite meets it: one request at a time, over the line to the harness.

uvicorn's own parts load and start it, but requests come as frames: as HTTP, every request of a
suite would be written and parsed four times.
"""

import asyncio
import os
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from flagbench.acceptance.probe import api, database, disguise
from flagbench.acceptance.sandbox.child_main import Line

# Header with the path of the database that the suite has set for its requests.
DATABASE = "x-database-path"


def application(line: Line) -> Callable[[Any], Any]:
    """Build the function that starts the API; its reply says that it has started."""
    disguise.begin("uvicorn", api.APPLICATION)

    def serve(command: dict[str, Any]) -> None:
        import uvicorn  # noqa: PLC0415  only the sandbox imports it

        database.use(command["database"])
        config = uvicorn.Config(api.APPLICATION, log_level="error")
        with api.serving(line) as started:
            asyncio.run(_serve(config, started, line))

    return serve


async def _serve(config: Any, started: Callable[[], None], line: Line) -> None:
    """Start the application, and answer requests until there are no more."""
    config.load()
    lifespan = config.lifespan_class(config)
    await lifespan.startup()
    if lifespan.should_exit:
        raise SystemExit(1)
    started()
    while True:
        try:
            request = line.receive()
        except EOFError:
            return
        # In a task of its own, as servers do: context variables end with the request.
        answer = _answer(config.loaded_app, request, dict(lifespan.state))
        line.reply(await asyncio.create_task(answer))


async def _answer(application: Any, request: dict[str, Any], state: Any) -> dict[str, Any]:
    """Execute one request: its status, headers and body."""
    headers = []
    for name, value in request["headers"]:
        if name == DATABASE:
            os.environ["DATABASE_PATH"] = value.encode("latin-1").decode()
        else:
            headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
    path, _, query = request["target"].partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": request["method"], "scheme": "http", "path": unquote(path), "root_path": "",
        "raw_path": path.encode("latin-1"), "query_string": query.encode("latin-1"),
        "headers": headers, "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 80),
        "state": state,
    }  # fmt: skip
    coming = [{"type": "http.request", "body": request["body"].encode("latin-1")}]
    is_done = asyncio.Event()
    answered: dict[str, Any] = {}
    body = bytearray()

    async def receive() -> dict[str, Any]:
        if not coming:
            await is_done.wait()
            return {"type": "http.disconnect"}
        return coming.pop()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.update(status=message["status"], headers=message.get("headers", ()))
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                is_done.set()

    try:
        await application(scope, receive, send)
    except Exception:
        traceback.print_exc()
    if not is_done.is_set():
        answered, body = {"status": 500, "headers": ()}, bytearray(b"Internal Server Error")
    return {
        "status": answered["status"],
        "headers": [[str(name, "latin-1"), str(text, "latin-1")]
                    for name, text in answered["headers"]],
        "body": body.decode("latin-1"),
    }  # fmt: skip
