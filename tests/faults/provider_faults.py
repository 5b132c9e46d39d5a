"""Faults of a provider while a recorder asks it, and then the same command again."""

import gzip
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from unittest import mock

from counted import TOLD, WRONG, Row, outcome_of
from house import EXAMPLES, House
from raw_provider import UNUSABLE, reply, served
from scripted_provider import Answer, Received, in_words, scripted_provider

from flagbench.cassette import file
from flagbench.run import provider_wire, recording

# The places of a fault among the six requests of a trial.
PLACES = (1, 3, 6)
WHOLE, RESUMED = "complete", "error, then complete"
OUTCOMES = (WHOLE, RESUMED, WRONG, "TRACEBACK")
# Bounds of this catalogue, so that it ends soon.
MOST_SECONDS, MOST_BYTES, TIMEOUT_SECONDS = 0.6, 2**20, 0.3

Fault = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Fault:
    """An error, with these headers."""
    body = b'{"error": {"message": "no", "type": "scripted"}}'
    return lambda handler: reply(handler, body, code, content_type="application/json", **headers)


def good(**headers: str) -> Fault:
    """A sound answer, with these headers."""
    payload = Answer("def a():\n    return 1\n").payload("m")
    return lambda handler: reply(handler, payload, content_type="application/json", **headers)


def raw(*parts: bytes, pause: float = 0.0) -> Fault:
    """Bytes, with pauses between them, and then the end of the connection."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        for part in parts:
            try:
                handler.wfile.write(part)
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(pause)

    return send


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
BOMB = gzip.compress(bytes(2**24))
FAULTS: Mapping[str, Fault] = {
    **{
        f"body: {name}": lambda handler, body=body: reply(
            handler, body, content_type="application/json"
        )
        for name, body in UNUSABLE.items()
    },
    "body: UTF-16": lambda handler: reply(handler, '{"choices": []}'.encode("utf-16")),
    "body: not encoded as it says": good(content_encoding="gzip"),
    "body: a gzip bomb": lambda handler: reply(handler, BOMB, content_encoding="gzip"),
    "body: endless": raw(HEAD + b"\r\n", *[b"x" * 2**16] * 100),
    "body: a byte at a time": raw(HEAD + b"content-length: 999\r\n\r\n", *[b" "] * 60, pause=0.02),
    "body: shorter than it says": raw(HEAD + b'content-length: 999\r\n\r\n{"choices"'),
    "body: a bad chunk": raw(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "headers: none": raw(b""),
    "headers: garbage": raw(b"\x00\xff garbage\r\n\r\n"),
    "headers: cut off": raw(b"HTTP/1.1 200 OK\r\ncontent-ty"),
    "headers: a byte at a time": raw(*[b"H"] * 60, pause=0.02),
    "headers: 300": raw(HEAD + b"".join(b"x-%d: 1\r\n" % n for n in range(300)) + b"\r\n{}"),
    "headers: 200 kB": raw(HEAD + b"x: " + b"a" * 200_000 + b"\r\n\r\n{}"),
    "headers: a length below zero": raw(HEAD + b"content-length: -1\r\n\r\n{}"),
    "headers: two lengths": raw(HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
    **{f"latency declared: {text}": good(x_flagbench_elapsed_ms=text)
       for text in ("inf", "1e300", "nan", "-9000", "soon")},
    **{f"status {code}": status(code) for code in (400, 404, 500, 503, 529, 999)},
    **{f"status {code}, for the key": status(code) for code in (401, 403)},
    **{f"status 429, retry-after {name}": status(429, retry_after=text)
       for name, text in {"nan": "nan", "of 400 digits": "9" * 400, "below zero": "-5",
                          "a date": "Wed, 21 Oct 2015 07:28:00 GMT", "in words": "soon"}.items()},
    "redirect, followed": status(307, location="/v1/chat/completions"),
    "redirect to nowhere": status(307, location="http://127.0.0.1:1/"),
    "slow first byte": raw(b"", pause=TIMEOUT_SECONDS + 0.2),
}  # fmt: skip


@contextmanager
def bounds() -> Iterator[None]:
    """The recorder's bounds, small enough for a catalogue."""
    with (
        mock.patch.object(provider_wire, "MOST_ANSWER_SECONDS", MOST_SECONDS),
        mock.patch.object(provider_wire, "MOST_ANSWER_BYTES", MOST_BYTES),
        mock.patch.object(recording, "MOST_ANSWER_SECONDS", TIMEOUT_SECONDS),
    ):
        yield


@contextmanager
def new_house() -> Iterator[House]:
    """A house with the tiny scenario and nothing recorded."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(EXAMPLES / "scenarios", Path(folder, "scenarios"))
        yield House(Path(folder))


def answering(fault: Fault, at: int, received: list[int]) -> Fault:
    """A provider that answers in words, but for one request."""
    numbers = count(1)

    def handle(handler: BaseHTTPRequestHandler) -> None:
        raw_body = handler.rfile.read(int(handler.headers["content-length"]))
        handler.headers.replace_header("content-length", "0")  # it was read
        number = next(numbers)
        received.append(number)
        if number == at:
            return fault(handler)
        body = json.loads(raw_body)
        answer = in_words(Received(number, handler.path, {}, body))
        elapsed = f"{answer.elapsed_ms:.3f}"
        return reply(
            handler, answer.payload(body["model"]),
            content_type="application/json", x_flagbench_elapsed_ms=elapsed,
        )  # fmt: skip

    return handle


def check(house: House, *, trial: int = 1, fault_is_kept: bool = False) -> str:
    """Replay every cell of a recording; its good answers are those that were sent."""
    scenario = house.scenario
    runner = house.runner().cell_runner
    rows = [runner.cell(scenario, one, trial).measurement for one in scenario.combinations]
    good_calls = [row.calls - sum(row.failed_calls.values()) for row in rows]
    interactions = file.load(house.cassette(trial), record_command="").interactions
    contents = {json.loads(one.response_body)["choices"][0]["message"]["content"]
                for one in interactions if one.status == 200}  # fmt: skip
    expected = {in_words(Received(1, "", {}, json.loads(one.request_body))).content
                for one in interactions}  # fmt: skip
    if fault_is_kept:
        expected |= contents & {"def a():\n    return 1\n"}
    is_right = len(set(good_calls)) == 1 and contents <= expected
    return WHOLE if is_right else WRONG


def tried(fault: Fault, at: int, row: Row) -> None:
    """One try: a recording with a fault, the same one again, and a replay."""
    received: list[int] = []

    def record(house: House) -> str:
        with bounds(), served(answering(fault, at, received)) as base_url:
            house.record(f"{base_url}/v1", trials=1)
        return check(house, fault_is_kept=True)

    def again(house: House) -> str:
        with scripted_provider() as provider:
            try:
                house.record(provider.base_url, trials=1)
            finally:
                received.extend(one.number for one in provider.received)
        return RESUMED if check(house) == WHOLE else WRONG

    with new_house() as house:
        outcome = outcome_of(lambda: record(house))
        if outcome == TOLD:
            outcome = outcome_of(lambda: again(house))
            outcome = WRONG if outcome == TOLD else outcome
        row.outcomes[outcome] += 1
        row.paid += len(received)
        if house.cassette().exists():
            kept = len(file.load(house.cassette(), record_command="").interactions)
            row.lost += len(received) - kept


def rows() -> Iterator[Row]:
    """A row for each fault; a request that met it and was not kept counts as lost."""
    for name, fault in FAULTS.items():
        row = Row(name)
        for at in PLACES:
            tried(fault, at, row)
        yield row
