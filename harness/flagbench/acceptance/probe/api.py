"""The generated API: started from its files, and sent requests."""

import asyncio
import importlib
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from flagbench.http_library import httpx

if TYPE_CHECKING:
    import uvicorn

# A body that is not JSON is used in messages only.
_TEXT_CHARACTERS = 500
# Longer than the timeout of the sandbox, so that a timeout is not taken for a failure.
START_SECONDS = 600.0


class Api:
    """The running application; `boot` starts or restarts it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._application: Any = None
        self._lifespan: Any = None

    def boot(self) -> None:
        """Import the application afresh, and run its startup."""
        self.close()
        self._application = fresh_application()
        self._lifespan = self._application.router.lifespan_context(self._application)
        self._loop.run_until_complete(self._lifespan.__aenter__())

    def close(self) -> None:
        """Run the shutdown of the application."""
        if self._lifespan is not None:
            self._loop.run_until_complete(self._lifespan.__aexit__(None, None, None))
            self._lifespan = None

    def request(self, method: str, path: str, json: Any = None) -> dict[str, Any]:
        """Send one request: status, body (JSON, or the beginning of a text), and exception."""
        try:
            response = self._loop.run_until_complete(self._send(method, path, json))
        except Exception as error:  # generated code may raise anything
            return {"status": 500, "body": None, "raised": f"{type(error).__name__}: {error}"}
        try:
            body = response.json()
        except ValueError:
            body = response.text[:_TEXT_CHARACTERS]
        return {"status": response.status_code, "body": body, "raised": ""}

    async def _send(self, method: str, path: str, json: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._application)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.request(method, path, json=json)

    def load_server(self) -> None:
        """Import the modules of the server without serving."""
        config = self._server().config
        config.load()
        config.get_loop_factory()

    def serve(self) -> str:
        """Serve the application on loopback until the process ends; its address."""
        listening = socket.create_server(("127.0.0.1", 0))
        server = self._server()
        threading.Thread(target=server.run, args=([listening],), daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the server of the application did not start")
            time.sleep(0.002)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    def _server(self) -> "uvicorn.Server":
        import uvicorn  # noqa: PLC0415  only the sandbox imports it

        config = uvicorn.Config(self._application, log_level="error", lifespan="off")
        return uvicorn.Server(config)


def fresh_application() -> Any:
    """Import the application afresh, as a restart does."""
    for name in list(sys.modules):
        if name == "app" or name.startswith("app."):
            del sys.modules[name]
    return importlib.import_module("app.main").app
