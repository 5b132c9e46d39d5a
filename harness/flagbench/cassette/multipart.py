"""Uploads: the boundary between their parts, which a client draws at random, made reproducible."""

import hashlib
import re

_PREFIX = b"flagbench-"
_BOUNDARY = re.compile(r'^multipart/.*boundary="?([^";,\s]+)', re.IGNORECASE)
_NORMAL_BOUNDARY = _PREFIX + b"boundary"
_FIRST_LINE = re.compile(rb"--(" + _PREFIX + rb"[0-9a-f]{32})\r\n")


def with_fixed_boundary(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Replace the boundary of a multipart body by one that depends on its content alone."""
    match = _BOUNDARY.match(content_type)
    if match is None:
        return content_type, body
    drawn = b"--" + match[1].encode()
    parts = body.split(drawn)
    fixed = _PREFIX + hashlib.sha256(b"\n".join(parts)).hexdigest()[:32].encode()
    return content_type.replace(match[1], fixed.decode()), (b"--" + fixed).join(parts)


def with_normal_boundary(body: bytes) -> bytes:
    """A recorded body with a boundary that does not depend on its content, to be normalised."""
    match = _FIRST_LINE.match(body)
    return body.replace(match[1], _NORMAL_BOUNDARY) if match else body


def content_type_of(body: bytes) -> str:
    """The content type of a recorded request."""
    match = _FIRST_LINE.match(body)
    return f"multipart/form-data; boundary={match[1].decode()}" if match else "application/json"
