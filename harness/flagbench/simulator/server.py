"""The simulated provider over HTTP on loopback: `/v1/chat/completions` and `/v1/models`."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flagbench.headers import ELAPSED, OCCURRENCE, OUTCOME, TRIAL
from flagbench.simulator.completion import CREATED, Completion, SimulatedProvider
from flagbench.simulator.serving import served
from flagbench.simulator.settings import ProviderSettings
from flagbench.tokenizer import o200k_counter

MODELS = ("gpt-4o-mini", "gpt-4o", "gpt-4.1-mini", "simulated")
"""Names that `/v1/models` lists; requests with any other name are answered too."""


def create_app(
    settings: ProviderSettings, count_tokens: Callable[[str], int], sleep: bool
) -> Starlette:
    """The ASGI application; with `sleep` answers take the latency that their header declares."""
    provider = SimulatedProvider(settings, count_tokens)

    async def completions(request: Request) -> Response:
        numbers = [_header_number(request, name) for name in (TRIAL, OCCURRENCE)]
        body = await _body(request)
        if body is None:
            return _rejection("The request body must be a JSON object.")
        if numbers[0] is None or numbers[1] is None:
            return _rejection(f"'{TRIAL}' and '{OCCURRENCE}' must be whole numbers from 1 on.")
        answer = provider.answer(body, numbers[0], numbers[1])
        if sleep:
            await asyncio.sleep(answer.elapsed_seconds)
        if OUTCOME in answer.headers and TRIAL not in request.headers:
            return _Closed()  # a recorder gets the header instead, with the elapsed time
        return _response(answer)

    async def models(_: Request) -> JSONResponse:
        data = [
            {"id": name, "object": "model", "created": CREATED, "owned_by": "flagbench"}
            for name in MODELS
        ]
        return JSONResponse({"object": "list", "data": data})

    return Starlette(
        routes=[
            Route("/v1/chat/completions", completions, methods=["POST"]),
            Route("/v1/models", models, methods=["GET"]),
        ]
    )


class _Closed(Response):
    """An answer that stops after its first bytes, so that the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the start of a response and no body; the server then closes the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def _body(request: Request) -> dict[str, object] | None:
    try:
        body = json.loads(await request.body())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _header_number(request: Request, name: str) -> int | None:
    """A header's whole number from 1 on; 1 where it is absent, None where it is invalid."""
    text = request.headers.get(name, "1")
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _response(answer: Completion) -> JSONResponse:
    return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)


def _rejection(message: str) -> JSONResponse:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    headers = {ELAPSED: "0.000"}
    return JSONResponse({"error": error}, status_code=400, headers=headers)


@contextmanager
def running_provider(
    settings: ProviderSettings,
    *,
    sleep: bool = False,
    port: int = 0,
    count_tokens: Callable[[str], int] | None = None,
) -> Iterator[str]:
    """Serve on 127.0.0.1 in a daemon thread and yield the base URL, which ends in `/v1`.

    Port 0 takes a free one; without `count_tokens` tiktoken's o200k_base counts. Raises
    `CouldNotRun` when the port is taken or the server does not start.
    """
    count = count_tokens or o200k_counter().count
    app = create_app(settings, count, sleep)
    with served(app, port) as taken:
        yield f"http://127.0.0.1:{taken}/v1"
