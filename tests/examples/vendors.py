"""What OpenAI, Anthropic and Gemini answer on their own paths, for the scripted provider.

Every answer is `the answer to: PROMPT` and takes a second; a prompt with `shape` is answered by the
schema or tool that the request has.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from scripted_provider import Answer, Received

KEY = "the-users-own-key"
PROMPT_TOKENS, COMPLETION_TOKENS = 31, 7
# The arguments of every tool, and the fields of every schema.
SHAPE = {"name": "Ada", "age": 36}


def answer(asked: Received) -> Answer:
    """The answer of the vendor whose path is asked, or its refusal of a wrong key."""
    path = asked.path.partition("?")[0]
    vendor, name = next((one for end, one in VENDORS.items() if end in path), (None, ""))
    if vendor is None:
        return Answer(status=404, content=f"no such path: {path}")
    if not _has_key(asked, name):
        return Answer(status=401, content=f"the key is not in {name}")
    whole = vendor(asked.body)
    if isinstance(whole, dict):
        return Answer(body=json.dumps(whole).encode())
    return Answer(body="".join(whole).encode(), headers={"content-type": "text/event-stream"})


def _has_key(asked: Received, name: str) -> bool:
    # Anthropic's SDK sends a key as OpenAI's does from version 2 on.
    if name in ("authorization", "x-api-key") and "authorization" in asked.headers:
        return asked.headers["authorization"] == f"Bearer {KEY}"
    if name == "x-goog-api-key" and f"key={KEY}" in asked.path:
        return True
    return asked.headers.get(name) == KEY


def _said(body: Mapping[str, Any]) -> str:
    """What the last message says."""
    listed = body.get("messages") or body.get("contents") or body.get("input")
    last = listed if isinstance(listed, str) else listed[-1]
    while not isinstance(last, str):
        if isinstance(last, list):
            last = last[-1]
        else:
            last = last.get("content") or last.get("parts") or last.get("text") or last["output"]
    return f"the answer to: {last}"


def _events(*events: Mapping[str, Any], named: bool = False) -> Iterable[str]:
    for event in events:
        head = f"event: {event['type']}\n" if named else ""
        yield f"{head}data: {json.dumps(event)}\n\n"


def _usage(prompt: str, completion: str, total: str = "") -> dict[str, int]:
    usage = {prompt: PROMPT_TOKENS, completion: COMPLETION_TOKENS}
    return {**usage, total: PROMPT_TOKENS + COMPLETION_TOKENS} if total else usage


def chat(body: Mapping[str, Any]) -> Any:
    """A chat completion: a text, the call of the first tool, or what a schema asks for."""
    text, tools = _said(body), body.get("tools")
    usage = _usage("prompt_tokens", "completion_tokens", "total_tokens")
    head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
    message: dict[str, Any] = {"role": "assistant", "content": text}
    reason = "stop"
    if "shape" in text and tools:
        function = {"name": tools[0]["function"]["name"], "arguments": json.dumps(SHAPE)}
        call = {"id": "call_1", "type": "function", "function": function}
        message, reason = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
    elif "shape" in text:
        message["content"] = json.dumps(SHAPE)
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return {**head, "object": "chat.completion", "choices": [choice], "usage": usage}

    def chunk(delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {**head, "object": "chat.completion.chunk", "choices": [choice]}

    chunks = [chunk({"role": "assistant", "content": f"{word} "}) for word in text.split()]
    end = {**chunk({}), "choices": [], "usage": usage}
    return [*_events(*chunks, chunk({}, "stop"), end), "data: [DONE]\n\n"]


def responses(body: Mapping[str, Any]) -> Any:
    """A response of OpenAI's newer API."""
    text = _said(body)
    usage = {
        **_usage("input_tokens", "output_tokens", "total_tokens"),
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    part = {"type": "output_text", "text": text, "annotations": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    whole = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": body["model"],
        "status": "completed", "output": [{**item, "content": [part]}], "usage": usage,
        "tools": [], "tool_choice": "auto", "parallel_tool_calls": True,
    }  # fmt: skip
    if not body.get("stream"):
        return whole
    place = {"output_index": 0, "item_id": "msg_1", "content_index": 0}
    return _events(
        {"type": "response.created", "sequence_number": 0, "response": {**whole, "output": []}},
        {"type": "response.output_text.delta", "sequence_number": 1, **place, "delta": text},
        {"type": "response.completed", "sequence_number": 2, "response": whole},
        named=True,
    )


def embeddings(body: Mapping[str, Any]) -> Any:
    """Two numbers."""
    data = [{"object": "embedding", "index": 0, "embedding": [0.5, -0.5]}]
    usage = {"prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def messages(body: Mapping[str, Any]) -> Any:
    """A message of Anthropic's: a text, or the use of the first tool."""
    text, tools = _said(body), body.get("tools")
    block: dict[str, Any] = {"type": "text", "text": text}
    reason = "end_turn"
    if "shape" in text and tools:
        block = {"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": SHAPE}
        reason = "tool_use"
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
    usage = _usage("input_tokens", "output_tokens")
    if not body.get("stream"):
        end = {"stop_reason": reason, "stop_sequence": None}
        return {**head, "content": [block], **end, "usage": usage}
    begun = {**head, "content": [], "stop_reason": None, "stop_sequence": None}
    begun["usage"] = {"input_tokens": PROMPT_TOKENS, "output_tokens": 1}
    words = [
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "text_delta", "text": f"{word} "}}
        for word in text.split()
    ]  # fmt: skip
    return _events(
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {**block, "text": ""}},
        *words,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
         "usage": {"output_tokens": COMPLETION_TOKENS}},
        {"type": "message_stop"},
        named=True,
    )  # fmt: skip


def gemini(body: Mapping[str, Any]) -> Any:
    """The candidates of Gemini."""
    return _generated(_said(body), reason="STOP")


def gemini_stream(body: Mapping[str, Any]) -> Any:
    """The candidates of Gemini, word by word."""
    *words, last = _said(body).split()
    return _events(*(_generated(f"{word} ") for word in words), _generated(last, reason="STOP"))


def _generated(text: str, reason: str = "") -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}}
    if reason:
        candidate |= {"finishReason": reason, "index": 0}
    usage = _usage("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini"}


# A part of the path -> the answer, and the header with the key.
VENDORS = {
    "/openai/deployments/": (chat, "api-key"),
    "/chat/completions": (chat, "authorization"),
    "/responses": (responses, "authorization"),
    "/embeddings": (embeddings, "authorization"),
    "/messages": (messages, "x-api-key"),
    ":streamGenerateContent": (gemini_stream, "x-goog-api-key"),
    ":generateContent": (gemini, "x-goog-api-key"),
}
