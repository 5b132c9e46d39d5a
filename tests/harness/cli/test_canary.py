"""Recorded requests, sent again to a served endpoint: the same, another one, and a failing one."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner

from flagbench.cli.canary import canary
from flagbench.errors import InputError
from flagbench.simulator.server import running_provider
from flagbench.simulator.settings import ProviderSettings

CASSETTES = Path(__file__).parents[3] / "cassettes/simulated/student"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key, since the command sends it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def sent_again(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    result = CliRunner().invoke(canary, [str(CASSETTES), *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@contextmanager
def answering(
    status: int, change: Callable[[dict[str, Any]], None]
) -> Iterator[tuple[str, list[Mapping[str, str]]]]:
    """The base URL of an endpoint with one answer, and the headers of what it is sent."""
    heard: list[Mapping[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def do_POST(self) -> None:
            """Answer."""
            heard.append({name.lower(): value for name, value in self.headers.items()})
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            message = {"role": "assistant", "content": "Something else."}
            answer = {
                "id": "x", "object": "chat.completion", "created": 1, "model": body["model"],
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
            }  # fmt: skip
            change(answer)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1", heard
    server.shutdown()
    server.server_close()


def test_an_unchanged_endpoint_has_no_drift(tmp_path: Path) -> None:
    """The simulated provider answers the same; a line of history has each call."""
    history = tmp_path / "a/canary.jsonl"
    with running_provider(ProviderSettings()) as url:
        code, said = sent_again("--base-url", url, "--calls", "3", "--yes", "--seed", "1",
                                "--history", str(history))  # fmt: skip
    assert code == 0, said
    assert "3 calls, 0 with drift" in said
    (line,) = history.read_text().splitlines()
    calls = json.loads(line)["calls"]
    assert [call["drift"] for call in calls] == [False] * 3
    assert {tuple(call["status"]) for call in calls} == {(200, 200)}
    assert all(call["prompt_tokens"][0] == call["prompt_tokens"][1] for call in calls)


@pytest.mark.parametrize(
    ("status", "change", "told"),
    [(503, lambda answer: answer.clear(), "200 → 503"),
     (200, lambda answer: answer.update(model="gpt-5"), "gpt-4o-mini → gpt-5"),
     (200, lambda answer: answer.update(model="gpt-4o-mini"), "→ 9")],
    ids=["status", "model", "prompt tokens"],
)  # fmt: skip
def test_another_endpoint_is_drift(
    status: int, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    """By each of the things that luck does not explain; the key is sent, and shown nowhere."""
    with answering(status, change) as (url, heard):
        code, said = sent_again("--base-url", url, "--calls", "2", "--yes", "--seed", "1")
    assert code == 1, said
    assert told in said
    assert "2 with drift" in said
    assert {headers["authorization"] for headers in heard} == {"Bearer sk-canary"}
    assert "sk-canary" not in said


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_answers_that_came_before_a_signal_are_shown(
    tmp_path: Path,
) -> None:
    """And kept in the history; an end by SIGTERM loses no more than one by Ctrl-C."""
    history = tmp_path / "canary.jsonl"
    sent = list[None]()

    def end_at_the_second(_answer: dict[str, Any]) -> None:
        sent.append(None)
        if len(sent) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    handler = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with answering(200, end_at_the_second) as (url, _):
            code, said = sent_again("--base-url", url, "--calls", "3", "--yes",
                                    "--history", str(history))  # fmt: skip
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert code == 1, said
    assert "1 calls, 1 with drift" in said
    assert len(json.loads(history.read_text())["calls"]) == 1


def test_a_budget_bounds_what_is_sent() -> None:
    """By what the calls cost when they were recorded; nobody is asked for nothing."""
    with answering(200, lambda _: None) as (url, heard):
        sent_again("--base-url", url, "--calls", "20", "--budget-usd", "0.002", "--yes")
        assert 0 < len(heard) < 20
        heard.clear()
        with pytest.raises(InputError, match="no call fits into the budget"):
            sent_again("--base-url", url, "--budget-usd", "0", "--yes")
        with pytest.raises(InputError, match="would be paid for"):
            sent_again("--base-url", url)
    assert heard == []
