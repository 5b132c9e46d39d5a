"""Tokens that are no longer what the service signed."""

import re
from collections.abc import Mapping

# The last part of a token is its signature, whatever it is parted by.
_PARTS = re.compile(r"(?s)(.*[^\w=+/-])?(.*)")


def wrong_tokens(token: str) -> Mapping[str, str]:
    """The change of a token, in words -> the token that must not be accepted."""
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    match = _PARTS.fullmatch(token)
    assert match is not None  # noqa: S101  every text has a last part
    before, signature = match[1] or "", match[2].rstrip("=")
    return {
        "a changed token": changed,
        "a token without its last part": before[:-1],
        "a token whose last part is empty": before,
        "a token whose last part is cut in half": before + signature[: len(signature) // 2],
        "a token that lacks its last character": before + signature[:-1],
    }
