"""Chat completions by the model's name."""

import json
from collections.abc import Callable, Mapping

from provider import bodies, times
from provider.answer import MISSING, USUAL, Answer, Asked, completion, in_json, usage

PROGRAM = "print('hello world')\n" * 40
TOOL_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {
        "name": "write_file",
        "arguments": json.dumps({"path": "app.py", "text": PROGRAM}),
    },
}
CALLS_A_TOOL = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}
REFUSES = {
    "role": "assistant",
    "content": None,
    "refusal": "I am sorry, I cannot help you with that request. " * 5,
}
THINKS = {
    "role": "assistant",
    "content": "done",
    "reasoning_content": "Let me think about it step by step. " * 80,
}
SPEAKS = {"role": "assistant", "content": None, "audio": {"id": "audio_1", "data": "AAAA"}}
SPECIAL = "a <|endoftext|> b <|im_start|> <|fim_prefix|>"
PARTS = [{"type": "text", "text": "hello"}, " world"]


def _reported(used: object) -> Answer:
    return in_json(completion("ok", used=used))


def _choices(asked: Asked) -> Answer:
    message = {"role": "assistant", "content": "hello world " * 10}
    choices = [
        {"index": place, "message": message, "finish_reason": "stop"}
        for place in range(int(asked.body.get("n", 3)))
    ]
    return in_json(completion(used=usage(12, 61), choices=choices))


def _reasoning_beside(_: Asked) -> Answer:
    """Completion tokens without the reasoning tokens, which only the total has."""
    details = {"reasoning_tokens": 1490}
    used = usage(12, 10, total_tokens=1512, completion_tokens_details=details)
    return in_json(completion("done", used=used))


ODD_USAGE: Mapping[str, object] = {
    "missing": MISSING,
    "null": None,
    "list": [1, 2],
    "text": "12",
    "number": 12,
    "text-fields": usage("12", "3"),
    "float-fields": usage(12.0, 3.5),
    "null-fields": {**usage(None, None), "total_tokens": None},
    "list-fields": usage([12], {"a": 3}),
    "true-fields": usage(True, False),
    "negative": usage(-12, -3),
    "huge": usage(10**30, 10**30),
    "infinite": usage(float("inf"), float("nan")),
    "no-prompt": {"completion_tokens": 3},
    "total-only": {"total_tokens": 15},
    "odd-details": usage(12, 3, prompt_tokens_details=[1], completion_tokens_details="x"),
    "odd-cached": usage(
        12,
        3,
        prompt_tokens_details={"cached_tokens": -4},
        completion_tokens_details={"reasoning_tokens": "many"},
    ),
}

# Model -> its answer; a project adds a model by a line.
CHAT: Mapping[str, Callable[[Asked], Answer]] = {
    **{
        f"m-usage-{name}": lambda _, used=used: _reported(used)  # type: ignore[misc]
        for name, used in ODD_USAGE.items()
    },
    **bodies.CHAT,
    **times.CHAT,
    "m-201": lambda _: in_json(completion(), status=201),
    "m-tool": lambda _: in_json(
        completion(message=CALLS_A_TOOL, finish_reason="tool_calls", used=usage(300, 330))
    ),
    "m-tool-unreported": lambda _: in_json(
        completion(message=CALLS_A_TOOL, finish_reason="tool_calls", used=MISSING)
    ),
    "m-refusal": lambda _: in_json(completion(message=REFUSES, used=MISSING)),
    "m-thinking": lambda _: in_json(completion(message=THINKS, used=MISSING)),
    "m-reasoning": lambda _: in_json(
        completion(
            "done",
            used=usage(
                12,
                1500,
                total_tokens=1512,
                completion_tokens_details={"reasoning_tokens": 1490},
            ),
        )
    ),
    "m-reasoning-beside": _reasoning_beside,
    "m-audio": lambda _: in_json(completion(message=SPEAKS, used=usage(12, 90))),
    "m-audio-unreported": lambda _: in_json(completion(message=SPEAKS, used=MISSING)),
    "m-parts": lambda _: in_json(completion(PARTS, used=MISSING)),
    "m-unreported": lambda _: in_json(completion(used=MISSING)),
    "m-choices": _choices,
    "m-special": lambda _: in_json(completion(SPECIAL)),
    "m-blanks": lambda _: in_json(
        completion("{" + " " * 1_000_000 + "}", finish_reason="length", used=MISSING)
    ),
    "m-502": lambda _: Answer(b"<html><body>Bad gateway</body></html>", "text/html", 502),
    "m-cached": lambda _: _cached(),
    "gpt-4o-mini": lambda _: _cached(),
    "gpt-4": lambda _: _cached(),
    "claude-3-5-haiku": lambda _: in_json(completion(used=usage(40, 7))),
    "llama-3.1-8b": lambda _: in_json(completion(used=MISSING)),
    "o3-mini": lambda _: in_json(completion(used=MISSING)),
}


def _cached() -> Answer:
    used = usage(4000, 3, total_tokens=4003, prompt_tokens_details={"cached_tokens": 3900})
    return in_json(completion("done", used=used))


def answer(asked: Asked) -> Answer:
    """The answer of the model that is asked; an unknown one says "plain answer"."""
    known = CHAT.get(asked.model)
    return known(asked) if known else in_json(completion(used=USUAL))
