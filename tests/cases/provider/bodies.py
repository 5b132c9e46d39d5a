"""Chat completions whose bytes are odd, by the model's name."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping

from provider.answer import USUAL, Answer, Asked, completion, in_json

# What YAML reads as a number, a date, a truth value, a merge or its own syntax.
YAML_WORDS = [
    "no", "on", "y", "~", "null", "1e3", "0x1F", "0o17", "010", "1_000", ".inf", ".nan", "=", "<<",
    "2024-01-01", "12:30:45", "", " ", "?", "-", "!!str", "&a", "*a", "%x", "@", "`", "'q'", '"dq"',
    "- a: b", "# c", "a: b", "---", "...", "|", ">",
]  # fmt: skip
NORWAY = "\n".join(YAML_WORDS)
LINES = (
    "a\r\nb\rc\x85d\u2028e\u2029f\tg  \n  h\n\n\n   \n\ttab\n"
    "\x0b\x0c\x1b[0m\x00\x7f\ufeff\ufffe trailing \n "
)
HALF_EMOJI = "X\ud83d Y"
NUMBERS = '[-1e-05,-1.5e+300,-0.0,-12345678901234567890.123456789,1e400,NaN,-Infinity,"NaN"]'
HUGE_BYTES = 65 * 2**20

_SOUND = json.dumps(completion()).encode()
_NORWEGIAN = completion(NORWAY, extra={word: word for word in YAML_WORDS})
_NUMBERED = _SOUND[:-1] + f', "x": {10**40}, "numbers": {NUMBERS}}}'.encode()
_TEXT_MESSAGE = {"index": 0, "message": "done", "finish_reason": "stop"}


def _named(**headers: str) -> Answer:
    return in_json(completion(system_fingerprint="fp_abcdef123"), **headers)


def _encoded(body: bytes, encoding: str) -> Answer:
    return Answer(body, headers={"content-encoding": encoding})


def _moved(asked: Asked, status: int) -> Answer:
    if "/moved/" in asked.path:
        return in_json(completion())
    return in_json({}, status, Location="/v1/moved/chat/completions")


# Model -> an answer that no client can use. It is given once to each request.
FAULTS: Mapping[str, Callable[[], Answer]] = {
    "m-text-message": lambda: in_json(completion(choices=[_TEXT_MESSAGE])),
    "m-empty": lambda: Answer(b""),
    "m-204": lambda: Answer(b"", status=204),
    "m-html": lambda: Answer(b"<html>sign in to the network</html>", "text/html"),
    "m-half": lambda: Answer(_SOUND[: len(_SOUND) // 2]),
    "m-null": lambda: Answer(b"null"),
    "m-list": lambda: Answer(b"[1,2,3]"),
    "m-byte": lambda: Answer(_SOUND.replace(b"plain", b"pl\xff")),
    "m-long-number": lambda: Answer(_SOUND[:-1] + b', "x": ' + b"1" * 5000 + b"}"),
    "m-no-gzip": lambda: _encoded(_SOUND, "gzip"),
    "m-half-gzip": lambda: _encoded(gzip.compress(_SOUND)[:60], "gzip"),
    "m-drop": lambda: Answer(_SOUND[:10], announced=1000),
    "m-huge": lambda: Answer(b" " * HUGE_BYTES),
    "m-bomb": lambda: _encoded(gzip.compress(b" " * HUGE_BYTES, 1), "gzip"),
}


def _once(fault: Callable[[], Answer], asked: Asked) -> Answer:
    return fault() if asked.times == 1 else in_json(completion(used=USUAL))


CHAT: Mapping[str, Callable[[Asked], Answer]] = {
    **{
        model: lambda asked, fault=fault: _once(fault, asked)  # type: ignore[misc]
        for model, fault in FAULTS.items()
    },
    "m-gzip": lambda _: _encoded(gzip.compress(_SOUND), "gzip"),
    "m-deflate": lambda _: _encoded(zlib.compress(_SOUND), "deflate"),
    "m-bom": lambda _: Answer(b"\xef\xbb\xbf" + _SOUND),
    "m-surrogate": lambda _: in_json(completion(HALF_EMOJI)),
    "m-norway": lambda _: in_json(_NORWEGIAN),
    "m-lines": lambda _: in_json(completion(LINES)),
    "m-numbers": lambda _: Answer(_NUMBERED),
    "m-cookie": lambda _: _named(
        Set_Cookie="__cf_bm=SECRET; path=/",
        Openai_Organization="user-abcdef123",
        X_Request_Id="req_abcdef123",
    ),
    "m-307": lambda asked: _moved(asked, 307),
    "m-302": lambda asked: _moved(asked, 302),
    **{
        f"m-elapsed-{text}": lambda _, text=text: _named(  # type: ignore[misc]
            X_Flagbench_Elapsed_Ms=text, X_Flagbench_Outcome="closed"
        )
        for text in ("inf", "nan", "1e9")
    },
}
