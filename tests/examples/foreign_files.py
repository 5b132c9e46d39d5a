"""Files of other tools, as a test writes them, and what an import made of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import Bench
from click.testing import Result

from flagbench.cassette import file
from flagbench.cassette.cassette import Interaction
from flagbench.errors import InputError

Import = Callable[..., Result]


def error_of(told: Result) -> str:
    """The text of the error that ended an import."""
    assert isinstance(told.exception, InputError), told.output
    return str(told.exception)


def cassette_of(bench: Bench, trial: int = 1) -> Path:
    """The cassette of the scenario."""
    return bench.house.cassettes / "mine" / "x" / f"{trial}.yaml"


def interactions_of(bench: Bench) -> list[Interaction]:
    """What the cassette has."""
    return file.load(cassette_of(bench), record_command="").interactions


def request(words: str, **more: Any) -> dict[str, Any]:
    """The body of a request."""
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": words}], **more}


def answer(words: str) -> dict[str, Any]:
    """The body of an answer."""
    message = {"role": "assistant", "content": words}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "chatcmpl-1a2b3c4d", "object": "chat.completion", "created": 1,
            "model": "gpt-4o-mini", "choices": [choice]}  # fmt: skip


def entry(words: str, **changes: Any) -> dict[str, Any]:
    """An entry of a HAR."""
    made = {
        "startedDateTime": "2026-03-01T10:00:00.000Z", "time": 250.0,
        "request": {"method": "POST", "url": "https://api.openai.com/v1/chat/completions",
                    "headers": [], "postData": {"mimeType": "application/json",
                                                "text": json.dumps(request(words))}},
        "response": {"status": 200, "statusText": "OK",
                     "headers": [{"name": "Content-Type", "value": "application/json"}],
                     "content": {"mimeType": "application/json",
                                 "text": json.dumps(answer(f"to {words}"))}},
    }  # fmt: skip
    return {**made, **changes}


def har(*entries: Any) -> str:
    """A HAR of entries."""
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": list(entries)}})
