"""An OpenAI-compatible server on loopback whose every answer a test writes.

Tests record with the real client over real HTTP; what goes wrong on the way (a hang, a connection
that closes half-way, a refusal) goes wrong on a real socket.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request as it arrived. `number` counts from 1; header names are lower-case."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def prompt(self) -> str:
        """What the last message says."""
        return str(self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Answer:
    """What to answer. `body` is sent as it is; otherwise a completion with `content` is made.

    `elapsed_ms` is declared in the response header; None lets the recorder measure. `hangs` never
    answers, `is_cut` announces the whole body and closes the connection after half of it.
    """

    content: str = "def answer():\n    return 42\n"
    status: int = 200
    reason: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: tuple[int, int] | None = None
    finish_reason: str = "stop"
    completion_id: str = "chatcmpl-scripted"
    elapsed_ms: float | None = 1000.0
    body: bytes | None = None
    hangs: bool = False
    is_cut: bool = False

    def payload(self, model: str) -> bytes:
        """The bytes of the response body."""
        if self.body is not None:
            return self.body
        if self.status >= 400:
            return json.dumps({"error": {"message": self.content, "type": "scripted"}}).encode()
        completion: dict[str, Any] = {
            "id": self.completion_id,
            "object": "chat.completion",
            "created": 1,
            "model": model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": self.content},
                    "finish_reason": self.finish_reason,
                }
            ],
        }
        if self.usage is not None:
            prompt, completed = self.usage
            completion["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": completed,
                "total_tokens": prompt + completed,
            }
        return json.dumps(completion).encode()


Script = Callable[[Received], Answer]


def in_words(asked: Received) -> Answer:
    """The default script: an answer, and a latency, that depend on the prompt alone."""
    wanted = asked.prompt.rpartition("Write Python: ")[2]
    return Answer(
        content=f'def answer():\n    """Give {wanted}."""\n    return {len(wanted)}\n',
        elapsed_ms=1000.0 + len(asked.prompt),
    )


def one_by_one(answers: Sequence[Answer], then: Script = in_words) -> Script:
    """These answers in order of arrival, whatever is asked, then those of another script."""
    return lambda asked: answers[asked.number - 1] if asked.number <= len(answers) else then(asked)


@dataclass(frozen=True)
class ScriptedProvider:
    """A running server: where it is, and what it was asked."""

    base_url: str
    received: list[Received]

    @property
    def prompts(self) -> list[str]:
        """The prompts in order of arrival."""
        return [one.prompt for one in self.received]


@contextmanager
def scripted_provider(script: Script = in_words) -> Iterator[ScriptedProvider]:
    """Serve `/v1/chat/completions` on a free port of 127.0.0.1 until the context closes."""
    received: list[Received] = []
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"
        # Headers and body are two writes; with Nagle's algorithm the second waits 40 ms.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            """Answer as the script says."""
            length = int(self.headers.get("content-length", 0))
            raw = self.rfile.read(length)
            asked = Received(
                number=len(received) + 1,
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=json.loads(raw),
            )
            received.append(asked)
            answer = script(asked)
            if answer.hangs:
                ended.wait()
                self.close_connection = True
                return
            payload = answer.payload(str(asked.body.get("model")))
            self.send_response(answer.status, answer.reason)
            headers = {"content-type": "application/json", **answer.headers}
            if answer.elapsed_ms is not None:
                headers["x-flagbench-elapsed-ms"] = f"{answer.elapsed_ms:.3f}"
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload[: len(payload) // 2] if answer.is_cut else payload)
            self.close_connection = self.close_connection or answer.is_cut

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield ScriptedProvider(f"http://127.0.0.1:{server.server_address[1]}/v1", received)
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
