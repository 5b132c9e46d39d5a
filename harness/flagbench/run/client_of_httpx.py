"""Clients of httpx and httpx2: their transports send by the exchange of the cell."""

import ssl
from collections.abc import Iterator
from typing import Any

from flagbench.http_library import httpx
from flagbench.run.client_bodies import answer_for, errors_of
from flagbench.run.exchange import Exchange

# Each default context reads all certificates of the machine, which takes longer than many calls.
_UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def replacements(library: Any, exchange: Exchange) -> Iterator[tuple[Any, str, Any]]:
    """Replacements of the library's transports: owner, name, function."""
    real = library.HTTPTransport.handle_request

    def handle_request(self: Any, request: Any) -> Any:
        if self is exchange.wire:
            return real(self, request)
        request.read()
        asked = exchange.transport.handle_async_request(_converted(request, library))
        with errors_of(library, request):
            response = exchange.run(asked)
        return answer_for(library, response, request, exchange.run)

    async def handle_async_request(self: Any, request: Any) -> Any:  # noqa: ARG001  httpx's
        await request.aread()
        asked = exchange.transport.handle_async_request(_converted(request, library))
        with errors_of(library, request):
            response = await exchange.awaited(asked)
        return answer_for(library, response, request, None)

    yield library.HTTPTransport, "handle_request", handle_request
    yield library.AsyncHTTPTransport, "handle_async_request", handle_async_request
    # A client makes four, for itself and for three proxies, of which none is ever used.
    transports = library._transports.default
    if hasattr(transports, "create_ssl_context"):
        yield transports, "create_ssl_context", lambda *_, **__: _UNUSED


def _converted(request: Any, library: Any) -> httpx.Request:
    """A request, whose body was read, as one of the harness's library."""
    if library is httpx:
        return request  # type: ignore[no-any-return]
    return httpx.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.content,
        extensions=request.extensions,
    )
