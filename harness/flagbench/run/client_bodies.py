"""Answers for the clients of one library: whole, or streamed to async and to sync clients."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from flagbench.http_library import httpx
from flagbench.run.streamed_answer import StreamedAnswer

# Runs a coroutine to its end for a sync client.
Run = Callable[[Coroutine[Any, Any, bytes | None]], bytes | None]


def answer_for(library: Any, response: httpx.Response, request: Any, run: Run | None) -> Any:
    """A response for a client of a library; for a sync client with what runs its coroutines."""
    streamed = response.stream
    if not isinstance(streamed, StreamedAnswer):
        if library is httpx:
            return response
        stream = library.ByteStream(b"".join(streamed))  # type: ignore[arg-type]
    elif run is not None:
        stream = _sync_body(library)(streamed, request, run)
    elif library is httpx:
        return response
    else:
        stream = _async_body(library)(streamed, request)
    return library.Response(response.status_code, headers=response.headers.raw, stream=stream)


@cache  # a type has to be the library's own
def _async_body(library: Any) -> type:
    class AsyncBody(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, streamed: StreamedAnswer, request: Any) -> None:
            self._streamed, self._request = streamed, request

        async def __aiter__(self) -> AsyncIterator[bytes]:
            with errors_of(library, self._request):
                while (piece := await self._streamed.read_next()) is not None:
                    yield piece

        async def aclose(self) -> None:
            await self._streamed.aclose()

    return AsyncBody


@cache
def _sync_body(library: Any) -> type:
    class SyncBody(library.SyncByteStream):  # type: ignore[misc]
        def __init__(self, streamed: StreamedAnswer, request: Any, run: Run) -> None:
            self._streamed, self._request, self._run = streamed, request, run

        def __iter__(self) -> Iterator[bytes]:
            with errors_of(library, self._request):
                while (piece := self._run(self._streamed.read_next())) is not None:
                    yield piece

        def close(self) -> None:
            self._streamed.close()

    return SyncBody


@contextmanager
def errors_of(library: Any, request: Any) -> Iterator[None]:
    """Raise the errors of a library in place of those of the harness's."""
    try:
        yield
    except httpx.RequestError as error:
        kind = getattr(library, type(error).__name__)
        raise kind(str(error), request=request) from error
