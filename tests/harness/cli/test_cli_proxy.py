"""`flagbench proxy` records any program by hand, replays it strictly, and ends cleanly."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from house import House
from patience import PATIENCE_SECONDS
from scripted_provider import Answer, Received, scripted_provider
from streaming_server import WORDS, streaming

from flagbench.cassette import file
from flagbench.cassette.cassette import Cassette

ENDED: dict[str, Any] = {}


@contextmanager
def proxy(*options: str, how: signal.Signals = signal.SIGINT) -> Iterator[dict[str, str]]:
    """The variables that a running proxy prints; afterwards `ENDED` has its code and its words."""
    running = subprocess.Popen(
        [str(Path(sys.executable).with_name("flagbench")), "proxy", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    variables = {}
    assert running.stdout is not None
    while "OPENROUTER_BASE_URL" not in variables:
        line = running.stdout.readline()
        assert line, running.communicate()[1]
        name, _, value = line.removeprefix("export ").strip().partition("=")
        variables[name] = value
    try:
        yield variables
    finally:
        running.send_signal(how)
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
        ENDED.update(code=running.returncode, err=err, out=out)


def send(variables: dict[str, str], text: str, key: str = "mine", **more: object) -> bytes:
    """The body of the answer to a chat completion."""
    messages = [{"role": "user", "content": text}]
    body = json.dumps({"model": "gpt-4o-mini", "messages": messages, **more})
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    url = variables["OPENAI_BASE_URL"] + "/chat/completions"
    asked = urllib.request.Request(url, body.encode(), headers)  # noqa: S310  it is our own
    with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  as above
        return bytes(answer.read())


def ask(variables: dict[str, str], text: str) -> str:
    """The answer to a chat completion."""
    return str(json.loads(send(variables, text))["choices"][0]["message"]["content"])


def test_record_then_replay(tmp_path: Path) -> None:
    """The same answer comes from the provider, then from the cassette, with its time or without."""
    cassette = tmp_path / "mine.yaml"

    def slow(asked: Any) -> Answer:
        time.sleep(2.0)
        return Answer(content=f"to {asked.prompt}", usage=(7, 5))

    with scripted_provider(slow) as provider:
        record = ("--cassette", str(cassette), "--record", "--base-url", provider.base_url)
        with proxy(*record) as variables:
            began = time.perf_counter()
            assert ask(variables, "a") == "to a"
            lived = time.perf_counter() - began
            assert "OPENAI_API_KEY" not in variables
    assert (ENDED["code"], provider.received[0].headers["authorization"]) == (0, "Bearer mine")
    assert "1 calls, 1 of them recorded" in ENDED["err"]
    with proxy("--cassette", str(cassette)) as variables:
        began = time.perf_counter()
        assert ask(variables, "a") == "to a"
        assert time.perf_counter() - began >= 2.0
    assert ENDED["code"] == 0
    recorded = file.load(cassette, record_command="")
    (call,) = recorded.interactions
    assert 2.0 <= call.elapsed_seconds <= lived
    file.save(Cassette.of(cassette, recorded.metadata, [replace(call, elapsed_seconds=1e6)]))
    with proxy("--cassette", str(cassette), "--no-wait", how=signal.SIGTERM) as variables:
        assert ask(variables, "a") == "to a"
    assert ENDED["code"] == 0


def test_answers_of_a_killed_recording_are_kept(tmp_path: Path) -> None:
    """The next recording keeps them, also when it asks nothing or finds its port taken."""
    cassette = tmp_path / "mine.yaml"
    with scripted_provider() as provider:
        record = ("--cassette", str(cassette), "--record", "--base-url", provider.base_url)
        with proxy(*record, how=signal.SIGKILL) as variables:
            ask(variables, "a")
        assert not cassette.exists()
        with proxy(*record):
            pass
    assert (ENDED["code"], len(provider.received)) == (0, 1)
    assert len(file.load(cassette, record_command="").interactions) == 1


def test_an_interrupt_while_an_answer_is_awaited(tmp_path: Path) -> None:
    """The answer is waited for and kept, and nobody reads a traceback."""
    cassette = tmp_path / "mine.yaml"
    asked = threading.Event()

    def slow(_: Any) -> Answer:
        asked.set()
        time.sleep(2.0)
        return Answer(content="late")

    with scripted_provider(slow) as provider:
        record = ("--cassette", str(cassette), "--record", "--base-url", provider.base_url)
        with proxy(*record) as variables:
            client = threading.Thread(target=ask_in_vain, args=(variables,))
            client.start()
            assert asked.wait(PATIENCE_SECONDS)
        client.join()
    assert ENDED["code"] == 0
    assert "Traceback" not in ENDED["err"]
    assert "0 calls, 1 answers recorded" in ENDED["err"]
    assert len(file.load(cassette, record_command="").interactions) == 1


def ask_in_vain(variables: dict[str, str]) -> None:
    """Ask a proxy that is ended before it answers."""
    with suppress(OSError, HTTPException):
        ask(variables, "a")


def test_unrecorded_request(tmp_path: Path) -> None:
    """It is refused, explained, and counted; the next one is served."""
    cassette = str(tmp_path / "mine.yaml")
    with (
        scripted_provider() as provider,
        proxy("--cassette", cassette, "--record", "--base-url", provider.base_url) as known,
    ):
        ask(known, "a question of some length")
    with proxy("--cassette", str(cassette), "--no-wait") as variables:
        with pytest.raises(urllib.error.HTTPError, match="400") as refused:
            ask(variables, "a question of another length")
        assert "is not recorded" in refused.value.read().decode()
        ask(variables, "a question of some length")
    assert ENDED["code"] == 3
    assert "1 calls" in ENDED["err"]
    assert "1 requests without an answer" in ENDED["err"]


@pytest.mark.parametrize(
    ("target", "body", "told"),
    [
        ("http://[::1/v1/x", b"{}", b"InvalidURL"),
        (f"/v1/{'a' * 70_000}", b"{}", b"URL too long"),
        ("/v1/chat/completions", b"[" * 200_000, b"is not recorded"),
    ],
    ids=["address", "length", "depth"],  # pytest names the test in the environment of its programs
)
def test_a_call_that_fails_is_answered(house: House, target: str, body: bytes, told: bytes) -> None:
    """Its program does not wait for ever, and the call is counted."""
    with proxy("--cassette", str(house.cassette())) as variables:
        port = urlsplit(variables["OPENAI_BASE_URL"]).port
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
            head = f"POST {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            client.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert told in answer
    assert (ENDED["code"], "1 requests without an answer" in ENDED["err"]) == (3, True)


def test_streams(tmp_path: Path) -> None:
    """They reach the program, recorded and replayed, and their tokens are counted."""
    cassette = str(tmp_path / "mine.yaml")
    with streaming() as base_url:
        record = ("--cassette", cassette, "--record", "--base-url", base_url)
        with proxy(*record) as variables:
            live = [send(variables, text, stream=True) for text in ("a", "b")]
    assert all(word.encode() in live[0] for word in WORDS)
    assert "2 calls, 2 of them recorded, 16 prompt and 10 completion tokens" in ENDED["err"]
    with proxy("--cassette", cassette, "--no-wait") as variables:
        assert [send(variables, text, stream=True) for text in ("a", "b")] == [
            body.replace(b"chatcmpl-abcdef123", b"scrubbed") for body in live
        ]
    assert "2 calls, 16 prompt and 10 completion tokens" in ENDED["err"]


def test_the_key_of_the_program_stays_out(tmp_path: Path) -> None:
    """It comes with the requests, and may come back in answers, errors and refusals."""
    key = "Vq7Lm2Rz9Kx4Wt6Bn1Yc"

    def echo(asked: Received) -> Answer:
        status = int(asked.prompt) if asked.prompt.isdigit() else 200
        return Answer(f"you sent {asked.headers['authorization']}", status=status)

    cassette = tmp_path / "mine.yaml"
    with scripted_provider(echo) as provider:
        record = ("--cassette", str(cassette), "--record", "--base-url", provider.base_url)
        with proxy(*record) as variables:
            assert b"you sent Bearer scrubbed" in send(variables, "a", key)
            for text in ("500", "401", f"my key is {key}"):
                with pytest.raises(urllib.error.HTTPError) as refused:
                    send(variables, text, key)
                assert key.encode() not in refused.value.read()
    assert len(provider.received) == 3
    assert key not in cassette.read_text(encoding="utf-8") + ENDED["err"]


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        (("--cassette", "no.yaml"), 3, "this trial has no cassette"),
        (("--cassette", "no.yaml", "--record"), 2, "--record without --base-url"),
        (("--cassette", "no.yaml", "--base-url", "http://x/v1"), 2, "--base-url without --record"),
    ],
)
def test_wrong_options(tmp_path: Path, options: tuple[str, ...], code: int, expected: str) -> None:
    """Each is one line."""
    flagbench = str(Path(sys.executable).with_name("flagbench"))
    made = subprocess.run(
        [flagbench, "proxy", *options], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert made.returncode == code
    assert expected in made.stderr
    assert list(tmp_path.iterdir()) == []
