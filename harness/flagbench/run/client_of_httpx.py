"""Clients of httpx and httpx2: their transports send by the exchange of the cell."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flagbench.http_library import httpx

if TYPE_CHECKING:
    from flagbench.run.own_clients import Exchange


# Each default context reads all certificates of the machine, which takes longer than many calls.
_UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def replacements(library: Any, exchange: "Exchange") -> Iterator[tuple[Any, str, Any]]:
    """Replacements of the library's transports: owner, name, function."""
    real = library.HTTPTransport.handle_request

    def handle_request(self: Any, request: Any) -> Any:
        if self is exchange.wire:
            return real(self, request)
        request.read()
        with _errors_of(library, request):
            response = exchange.at_once(_converted(request, library))
        return _answer(response, library)

    async def handle_async_request(self: Any, request: Any) -> Any:  # noqa: ARG001  httpx's
        exchange.check_loop()
        await request.aread()
        with _errors_of(library, request):
            response = await exchange.awaited(_converted(request, library))
        return _answer(response, library)

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


def _answer(response: httpx.Response, library: Any) -> Any:
    """A response for a client of a library."""
    if library is httpx:
        return response
    return library.Response(
        response.status_code,
        headers=response.headers.raw,
        stream=library.ByteStream(b"".join(response.stream)),  # type: ignore[arg-type]
    )


@contextmanager
def _errors_of(library: Any, request: Any) -> Iterator[None]:
    """Raise the errors of a library in place of those of the harness's."""
    try:
        yield
    except httpx.RequestError as error:
        kind = getattr(library, type(error).__name__)
        raise kind(str(error), request=request) from error
