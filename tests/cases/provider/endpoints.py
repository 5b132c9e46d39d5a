"""Answers by the path of the request."""

from collections.abc import Callable, Mapping
from typing import Any

from provider import chat, streams
from provider.answer import Answer, Asked, in_json, usage

PROGRAM = "def add(a, b):\n    return a + b\n" * 20


def response(asked: Asked) -> dict[str, Any]:
    """A response with text, 100 of its 220 tokens being hidden reasoning, if `m-hidden` thinks."""
    text = {"type": "output_text", "text": PROGRAM, "annotations": []}
    reasoning = 100 if asked.model == "m-hidden" else 0
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "status": "completed",
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "output": [
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "content": [text],
            }
        ],
        "usage": {
            "input_tokens": 500,
            "output_tokens": 220,
            "total_tokens": 720,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": reasoning},
        },
    }


def _responses(asked: Asked) -> Answer:
    whole = response(asked)
    return streams.responses(whole) if asked.body.get("stream") else in_json(whole)


def _chat(asked: Asked) -> Answer:
    return streams.chat(asked) if asked.body.get("stream") else chat.answer(asked)


def _completions(asked: Asked) -> Answer:
    if asked.body.get("stream"):
        return streams.completions(asked)
    choice = {"index": 0, "text": PROGRAM, "finish_reason": "stop", "logprobs": None}
    body = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    reported = {} if asked.model == "m-unreported" else {"usage": usage(500, 220)}
    return in_json({**body, "choices": [choice], **reported})


def _embeddings(asked: Asked) -> Answer:
    vector = {"object": "embedding", "index": 0, "embedding": "AAAAAA=="}
    reported = {"usage": {"prompt_tokens": 900, "total_tokens": 900}}
    return in_json(
        {
            "object": "list",
            "model": "e",
            "data": [vector],
            **({} if asked.model == "m-unreported" else reported),
        }
    )


def _files(asked: Asked) -> Answer:
    about = {"id": "file-1", "object": "file", "created_at": 1, "filename": "a"}
    return in_json({**about, "bytes": len(asked.raw), "purpose": "batch", "status": "processed"})


SOUND = b"ID3\x03\x00" + bytes(range(256)) * 4


def _speech(_: Asked) -> Answer:
    return Answer(SOUND, "audio/mpeg")


def _vendor(asked: Asked) -> Answer:
    reported = {} if asked.model == "m-unreported" else {"usage": usage(70, 8)}
    return in_json({"text": "answered", **reported})


# The end of a path -> its answer; the first that fits.
ENDPOINTS: Mapping[str, Callable[[Asked], Answer]] = {
    "/audio/speech": _speech,
    "/embeddings": _embeddings,
    "/files": _files,
    "/responses": _responses,
    "/chat/completions": _chat,
    "/completions": _completions,
    "/vendor/generate": _vendor,
}


def answer(asked: Asked) -> Answer:
    """The answer to a POST request."""
    for end, known in ENDPOINTS.items():
        if asked.path.endswith(end):
            return known(asked)
    return in_json({"error": {"message": f"no such path: {asked.path}"}}, status=404)
