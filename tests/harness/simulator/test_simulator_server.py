"""The provider over HTTP, called by the real openai client."""

import asyncio
import json
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from prompts import generate, recognise
from starlette.testclient import TestClient
from written_app import COURSE

from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run.virtual_clock import run_virtual
from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.server import create_app, running_provider
from flagbench.simulator.settings import ProviderSettings


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """A provider that declares its latency."""
    with running_provider(ProviderSettings(), count_tokens=len) as url:
        yield url


def _client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="any", max_retries=0)


def test_openai_client_gets_the_in_process_answer(base_url: str) -> None:
    """Over HTTP the answer is the in-process one, header included; other headers are ignored."""
    body = generate("backend", COURSE)
    expected = SimulatedProvider(ProviderSettings(), len).answer(body, 3, 2)
    with _client(base_url) as client:
        raw = client.chat.completions.with_raw_response.create(
            **body,
            extra_headers={
                "X-Flagbench-Trial": "3",
                "X-Flagbench-Occurrence": "2",
                "X-Agent": "backend",
                "X-Phase": "generate",
            },
        )
    assert raw.headers["x-flagbench-elapsed-ms"] == expected.headers["x-flagbench-elapsed-ms"]
    assert (
        raw.parse().choices[0].message.content
        == (expected.body["choices"][0]["message"]["content"])
    )
    assert raw.parse().usage.completion_tokens == expected.body["usage"]["completion_tokens"]


def test_models_are_listed(base_url: str) -> None:
    """`/v1/models` names the model that scenarios use."""
    with _client(base_url) as client:
        assert "gpt-4o-mini" in [model.id for model in client.models.list()]


def test_rate_limit_is_the_clients_own_error() -> None:
    """The openai client raises its RateLimitError and can read retry-after."""
    settings = ProviderSettings(rate_limit=1.0)
    with (
        running_provider(settings, count_tokens=len) as url,
        _client(url) as client,
        pytest.raises(openai.RateLimitError) as caught,
    ):
        client.chat.completions.create(**recognise("Create Student with name"))
    assert 1 <= int(caught.value.response.headers["retry-after"]) <= 8
    assert caught.value.code == "rate_limit_exceeded"


def test_a_closed_connection_is_the_clients_own_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A client loses its connection, without a word of the server's; a recorder is told."""
    settings = ProviderSettings(disconnect=1.0)
    body = recognise("Create Student with name")
    with running_provider(settings, count_tokens=len) as url, _client(url) as client:
        with pytest.raises(openai.APIConnectionError, match="Connection error"):
            client.chat.completions.create(**body)
        with pytest.raises(openai.InternalServerError) as told:
            client.chat.completions.create(**body, extra_headers={"X-Flagbench-Trial": "1"})
    assert told.value.response.headers["x-flagbench-outcome"] == "closed"
    assert float(told.value.response.headers["x-flagbench-elapsed-ms"]) > 0
    assert capsys.readouterr().err == ""


def test_a_setting_may_differ_by_trial() -> None:
    """In order; the last value holds for all trials after it."""
    settings = ProviderSettings(by_trial={"rate_limit": [0.0, 1.0]})
    with TestClient(create_app(settings, len, sleep=False)) as client:
        statuses = [
            client.post(
                "/v1/chat/completions",
                json=recognise("Add a Course"),
                headers={"X-Flagbench-Trial": str(trial)},
            ).status_code
            for trial in (1, 2, 3)
        ]
    assert statuses == [200, 429, 429]


@pytest.mark.parametrize(
    "content, headers",
    [(b"not json", {}), (b"[]", {}), (b"{}", {"x-flagbench-trial": "0"}),
     (b"{}", {"x-flagbench-occurrence": "two"}), (b"{}", {}), (b"\xff", {})],
)  # fmt: skip
def test_bad_requests_are_400(content: bytes, headers: dict[str, str]) -> None:
    """What is no request gets OpenAI's error shape and still an elapsed header."""
    with TestClient(create_app(ProviderSettings(), len, sleep=False)) as client:
        answer = client.post("/v1/chat/completions", content=content, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert float(answer.headers["x-flagbench-elapsed-ms"]) >= 0.0


def test_sleep_takes_the_declared_time() -> None:
    """With sleep an answer takes what it declares, and waiting calls do not queue."""
    transport = httpx.ASGITransport(create_app(ProviderSettings(), len, sleep=True))

    async def both() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=transport, base_url="http://provider") as client:
            bodies = [recognise("Create Student with name"), generate("backend", COURSE)]
            posts = [client.post("/v1/chat/completions", json=body) for body in bodies]
            return await asyncio.gather(*posts)

    answers, seconds = run_virtual(both())
    declared = [float(one.headers["x-flagbench-elapsed-ms"]) / 1000 for one in answers]
    assert min(declared) > 0.5
    assert seconds == pytest.approx(max(declared), abs=1e-5)


def test_a_taken_port_is_said(base_url: str) -> None:
    """A port in use is an expected error that names it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(CouldNotRun, match=str(port)),
            running_provider(ProviderSettings(), port=port, count_tokens=len),
        ):
            pytest.fail("it must not start")


def test_it_stops() -> None:
    """After the context the port answers no more."""
    with (
        running_provider(ProviderSettings(), count_tokens=len) as url,
        urllib.request.urlopen(f"{url}/models") as answer,  # noqa: S310  loopback
    ):
        assert json.load(answer)["object"] == "list"
    with pytest.raises(OSError, match=r".*"):
        urllib.request.urlopen(f"{url}/models", timeout=2)  # noqa: S310  loopback


def test_lone_surrogates_come_through(base_url: str) -> None:
    """JSON may carry half a character; the provider answers all the same."""
    body: dict[str, Any] = recognise("Create Student with name \ud83d")
    request = urllib.request.Request(  # noqa: S310  loopback
        f"{base_url}/chat/completions", data=json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310  loopback
        assert json.load(answer)["choices"]
