"""Bodies of other tools' files as the bytes that a client reads."""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

from flagbench.cassette import multipart
from flagbench.cassette.importing.exchange import Headers, Unusable
from flagbench.http_library import httpx

# As of a recording: no completion is larger.
MOST_BYTES = 64 * 2**20
_SLICE_BYTES = 16 * 2**10


def of_text(text: str) -> bytes:
    """The bytes of a text. Raises `Unusable` for half of a surrogate pair."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Unusable(f"a body that is not text ({error.reason})") from error


def of_base64(text: str) -> bytes:
    """The bytes of a base64 text. Raises `Unusable`."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unusable(f"a body that is not base64 ({error})") from error


def of_json(value: Any) -> bytes:
    """A value as JSON; text that is a whole body already as it is. Raises `ValueError`."""
    if isinstance(value, str):
        return of_text(value)
    return of_text(json.dumps(value, ensure_ascii=False, allow_nan=False))


def sent(body: bytes, content_type: str) -> bytes:
    """The body of a request as a replay sends it: the boundary of an upload is the same always."""
    return multipart.with_fixed_boundary(content_type, body)[1]


def decoded(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    """A body without its content-encoding, and the headers without it.

    Most tools keep the header beside a body that they have decoded: what is text is not decoded
    again. Raises `Unusable`.
    """
    plain = {name: values for name, values in headers.items() if name != "content-encoding"}
    encoding = ", ".join(headers.get("content-encoding", ()))
    if not encoding or not body or _is_text(body):
        return _bounded([body]), plain
    response = httpx.Response(200, headers={"content-encoding": encoding}, stream=_Slices(body))
    try:
        content = _bounded(response.iter_bytes())
    except httpx.DecodingError as error:
        raise Unusable(f"an answer that is not encoded as {encoding} ({error})") from error
    if content == body and encoding.lower() != "identity":
        raise Unusable(f"an answer encoded as {encoding}, which nothing installed here decodes")
    return content, plain


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _bounded(chunks: Any) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_BYTES:
            raise Unusable(f"a body larger than {MOST_BYTES / 2**20:g} MiB")
    return bytes(body)


class _Slices(httpx.SyncByteStream):
    """A body in slices, so that a compressed one is noticed before it fills the memory."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _SLICE_BYTES):
            yield self._body[start : start + _SLICE_BYTES]
