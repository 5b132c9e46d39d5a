"""The generated API: booted from its files, and asked."""

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

# A text that is no JSON is only for messages.
_TEXT_CHARACTERS = 500
# Longer than the sandbox waits, which tells what ran out of time from what is wrong.
START_SECONDS = 600.0


class Api:
    """The application as it is now; booting it again is a restart."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._application: Any = None
        self._lifespan: Any = None

    def boot(self) -> None:
        """Import the application anew, and let it start."""
        self.close()
        self._application = fresh_application()
        self._lifespan = self._application.router.lifespan_context(self._application)
        self._loop.run_until_complete(self._lifespan.__aenter__())

    def close(self) -> None:
        """Let the application end."""
        if self._lifespan is not None:
            self._loop.run_until_complete(self._lifespan.__aexit__(None, None, None))
            self._lifespan = None

    def request(self, method: str, path: str, json: Any = None) -> dict[str, Any]:
        """One request: status, body (JSON, or the beginning of a text), and what was raised."""
        try:
            response = self._loop.run_until_complete(self._answered(method, path, json))
        except Exception as error:  # generated code may raise anything
            return {"status": 500, "body": None, "raised": f"{type(error).__name__}: {error}"}
        try:
            body = response.json()
        except ValueError:
            body = response.text[:_TEXT_CHARACTERS]
        return {"status": response.status_code, "body": body, "raised": ""}

    async def _answered(self, method: str, path: str, json: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._application)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.request(method, path, json=json)

    def load_server(self) -> None:
        """Import what serving needs; nothing is served."""
        config = self._server().config
        config.load()
        config.get_loop_factory()

    def serve(self) -> str:
        """Serve the application on loopback; its address. It ends with the process."""
        listening = socket.create_server(("127.0.0.1", 0))
        server = self._server()
        threading.Thread(target=server.run, args=([listening],), daemon=True).start()
        waited = time.monotonic() + START_SECONDS
        while not server.started:
            if time.monotonic() > waited:
                raise TimeoutError("the application did not start to serve")
            time.sleep(0.002)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    def _server(self) -> "uvicorn.Server":
        import uvicorn  # noqa: PLC0415  only the sandbox imports it

        config = uvicorn.Config(self._application, log_level="error", lifespan="off")
        return uvicorn.Server(config)


def fresh_application() -> Any:
    """The application imported anew, as a restart would."""
    for name in list(sys.modules):
        if name == "app" or name.startswith("app."):
            del sys.modules[name]
    return importlib.import_module("app.main").app
