"""Calls that use no tokens, with the reason: by their method, and a short table of paths."""

import re

_METHODS = {
    "GET": "it reads",
    "HEAD": "it reads",
    "DELETE": "it deletes",
    "OPTIONS": "it asks what there is",
}
_PATHS = {
    r"/files(/|$)": "a file is stored; what reads it uses tokens",
    r"/uploads(/|$)": "a file is stored; what reads it uses tokens",
    r"/moderations$": "moderation is free of charge",
    r"(/((de)?tokenize|input_tokens|count_tokens)|:countTokens)$": "nothing is generated",
    r"/cancel$": "a call is ended; the call itself was recorded",
}


def reason_for_none(method: str, path: str) -> str:
    """The reason why a call uses no tokens, "" where it may use some."""
    if method.upper() in _METHODS:
        return _METHODS[method.upper()]
    plain = path.partition("?")[0]
    return next((why for pattern, why in _PATHS.items() if re.search(pattern, plain)), "")
