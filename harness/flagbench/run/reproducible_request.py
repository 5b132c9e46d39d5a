"""Requests that are the same in every run, also uploads."""

from flagbench.cassette import multipart
from flagbench.http_library import httpx


def reproducible(request: httpx.Request, body: bytes) -> httpx.Request:
    """The request with a body in one part; that of an upload is the same in every run."""
    content_type, fixed = multipart.with_fixed_boundary(
        request.headers.get("content-type", ""), body
    )
    if fixed == body:
        return request
    framing = ("content-length", "content-type", "transfer-encoding")
    kept = {name: value for name, value in request.headers.items() if name not in framing}
    return httpx.Request(
        request.method,
        request.url,
        headers={**kept, "content-type": content_type},
        content=fixed,
        extensions=request.extensions,
    )
