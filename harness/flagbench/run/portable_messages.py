"""Requests with the alias of the working directory, and answers with its path."""

from flagbench.cassette.chunks import Chunks, moved
from flagbench.http_library import httpx
from flagbench.run.workdir import Workdir


def with_alias(request: httpx.Request, workdir: Workdir | None) -> httpx.Request:
    """The request with the alias of the working directory in place of its path."""
    body = request.content
    portable = body if workdir is None else workdir.in_request(body)
    if portable == body:
        return request
    headers = [item for item in request.headers.raw if item[0].lower() != b"content-length"]
    return httpx.Request(
        request.method, request.url, headers=headers, content=portable,
        extensions=request.extensions,
    )  # fmt: skip


def with_native_path(
    response: httpx.Response, chunks: Chunks, workdir: Workdir | None
) -> tuple[httpx.Response, Chunks]:
    """The answer, and its chunks, with the path of the working directory in place of its alias."""
    if workdir is None or not workdir.is_known:
        return response, chunks
    body = response.read()
    native = workdir.in_answer(body)
    if native == body:
        return response, chunks
    return with_body(response, native), moved(chunks, workdir.edits_of_answer(body))


def with_body(response: httpx.Response, body: bytes) -> httpx.Response:
    """The answer with another body, which is not encoded."""
    kept = [
        item for item in response.headers.raw
        if item[0].lower() not in (b"content-length", b"content-encoding", b"transfer-encoding")
    ]  # fmt: skip
    return httpx.Response(
        response.status_code, headers=kept, content=body, extensions=response.extensions
    )
