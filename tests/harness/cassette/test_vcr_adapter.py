"""Strict replay and recording through vcrpy: what gets in, what gets out, what ends a cell."""

import gzip
import json
from pathlib import Path

import pytest
from interactions import explain, interaction
from scripted_provider import Answer, ScriptedProvider, scripted_provider

from flagbench.cassette import journal, vcr_adapter
from flagbench.cassette.cassette import Cassette
from flagbench.errors import CellStopped
from flagbench.http_library import httpx
from flagbench.run import provider_wire

BASE = "http://provider/v1"
URL = f"{BASE}/chat/completions"


def cassette_of(*answers: tuple[str, str]) -> Cassette:
    """A cassette of these prompts and answers."""
    return Cassette.of(Path("nowhere/1.yaml"), {}, [interaction(*one) for one in answers])


def post(prompt: str, url: str = URL) -> str:
    """Ask, by a client of its own, and give the answer's content."""
    body = {"prompt": prompt, "model": "m"}
    return str(httpx.post(url, json=body, trust_env=False).json()["content"])


def test_the_nth_identical_request_gets_the_nth_answer() -> None:
    """In whatever order different requests come between them."""
    cassette = cassette_of(("a", "first"), ("b", "other"), ("a", "second"))
    with vcr_adapter.replaying(cassette, BASE, explain) as opened:
        assert [post("a"), post("a"), post("b")] == ["first", "second", "other"]
        assert opened.plays == 3


def test_the_third_identical_request_of_two_recorded_ends_the_cell() -> None:
    """It is never answered by an earlier answer."""
    cassette = cassette_of(("a", "first"), ("a", "second"))
    with vcr_adapter.replaying(cassette, BASE, explain):
        post("a")
        post("a")
        with pytest.raises(CellStopped, match=r"not recorded: /v1/chat/completions .* 2$"):
            post("a")


def test_each_opening_counts_from_the_start() -> None:
    """A cell sees the cassette as if it were the only one."""
    cassette = cassette_of(("a", "first"), ("a", "second"))
    for _ in range(3):
        with vcr_adapter.replaying(cassette, BASE, explain):
            assert post("a") == "first"
    assert len(cassette.interactions) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.test/v1/chat/completions",
        "http://provider:81/v1/chat/completions",
        "http://provider/v2/chat/completions",
        "https://api.openai.com/v1/chat/completions",
    ],
)
def test_another_address_ends_the_cell(url: str) -> None:
    """Even where the same request is recorded."""
    with (
        vcr_adapter.replaying(cassette_of(("a", "first")), BASE, explain),
        pytest.raises(CellStopped, match=f"the subject sent POST {url}, which is not"),
    ):
        post("a", url)


def test_an_unrecorded_request_is_not_sent() -> None:
    """A real server stands where the provider would be, and hears nothing."""
    with (
        scripted_provider() as provider,
        vcr_adapter.replaying(cassette_of(), provider.base_url, explain),
        pytest.raises(CellStopped, match="not recorded"),
    ):
        post("a", f"{provider.base_url}/chat/completions")
    assert provider.received == []


def test_a_replay_writes_nothing(tmp_path: Path) -> None:
    """No file, no folder."""
    cassette = Cassette.of(tmp_path / "c" / "1.yaml", {}, [interaction("a", "first")])
    with vcr_adapter.replaying(cassette, BASE, explain):
        post("a")
    assert list(tmp_path.iterdir()) == []


def test_the_stored_answer_is_played_whole() -> None:
    """Status, reason, headers and body; also of an error."""
    cassette = Cassette.of(
        Path("x"),
        {},
        [
            interaction(
                "a", status=429, reason="Slow Down", headers={"retry-after": ("7",)},
                response_body=b"<p>wait</p>",
            )
        ],
    )  # fmt: skip
    with vcr_adapter.replaying(cassette, BASE, explain) as opened:
        answer = httpx.post(URL, json={"model": "m", "prompt": "a"}, trust_env=False)
        assert opened.last_played == (cassette.interactions[0], 0)
    assert (answer.status_code, answer.reason_phrase, answer.text) == (
        429, "Slow Down", "<p>wait</p>",
    )  # fmt: skip
    assert answer.headers["retry-after"] == "7"


def record(
    cassette: Cassette,
    provider: ScriptedProvider,
    *prompts: str,
    secrets: tuple[str, ...] = (),
) -> list[bytes]:
    """Send prompts as a recorder does, where they are missing; the bodies that a client gets."""
    bodies = []
    with (
        vcr_adapter.recording(cassette, provider.base_url, explain, secrets) as opened,
        httpx.HTTPTransport(trust_env=False) as wire,
    ):
        assert opened.is_recording
        for prompt in prompts:
            url = f"{provider.base_url}/chat/completions"
            request = httpx.Request("POST", url, json={"messages": [{"content": prompt}]})
            sent = opened.sent_request("POST", url, request.content)
            if opened.lacks(sent):
                answer = provider_wire.ask(wire, request)
                opened.record(sent, answer)
            bodies.append(wire.handle_request(request).read())
    return bodies


def empty(folder: Path, provider: str = "simulated") -> Cassette:
    """A cassette to record into."""
    return Cassette.of(folder / "1.yaml", {"provider": provider}, [])


def test_recording_sends_only_what_is_missing(tmp_path: Path) -> None:
    """What is in the cassette is played; what is not is asked, kept and put in the cassette."""
    cassette = empty(tmp_path)
    with scripted_provider() as provider:
        for _ in range(2):
            record(cassette, provider, "hi")
        assert len(provider.received) == len(cassette.interactions) == 1
        record(cassette, provider, "hi", "hi")
        assert len(provider.received) == len(cassette.interactions) == 2
    assert journal.read(cassette.path) == cassette.interactions


def test_what_is_sent_past_the_client_is_not_recorded(tmp_path: Path) -> None:
    """It ends the cell before the provider hears of it."""
    cassette = empty(tmp_path)
    with (
        scripted_provider() as provider,
        vcr_adapter.recording(cassette, provider.base_url, explain, ()),
        pytest.raises(CellStopped, match="past its client; it was not sent"),
    ):
        post("a", f"{provider.base_url}/chat/completions")
    assert provider.received == []
    assert list(tmp_path.iterdir()) == []


def test_a_declared_latency_is_kept_and_a_measured_one_otherwise(tmp_path: Path) -> None:
    """The header of the simulated provider counts; a real provider is timed."""
    latencies = {1: 2500.5, 2: None}
    with scripted_provider(lambda asked: Answer(elapsed_ms=latencies[asked.number])) as provider:
        cassette = empty(tmp_path)
        record(cassette, provider, "a", "b")
    declared, measured = (one.elapsed_seconds for one in cassette.interactions)
    assert declared == 2.5005
    assert 0 < measured < 2.5
    assert [one.headers for one in cassette.interactions] == [
        {"content-type": ("application/json",)}
    ] * 2


@pytest.mark.parametrize(
    ("provider_name", "declared"),
    [
        ("openai", "500000"), ("openai", "inf"),
        *(("simulated", text) for text in ("inf", "nan", "-9000", "1e300", "abc", "")),
    ],
)  # fmt: skip
def test_no_other_latency_is_believed(tmp_path: Path, provider_name: str, declared: str) -> None:
    """The answer was paid for and is kept, with the time that it took."""
    answer = Answer(
        elapsed_ms=None,
        headers={"x-flagbench-elapsed-ms": declared, "x-flagbench-outcome": "closed"}
        if provider_name == "openai"
        else {"x-flagbench-elapsed-ms": declared},
    )
    with scripted_provider(lambda _: answer) as provider:
        cassette = empty(tmp_path, provider_name)
        record(cassette, provider, "a")
    (one,) = cassette.interactions
    assert 0 < one.elapsed_seconds < 100
    assert not one.is_closed


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_ends_the_cell_and_is_not_recorded(tmp_path: Path, status: int) -> None:
    """With the provider's words, without the key in them."""
    key = "sk-live-0123456789"
    with scripted_provider(lambda _: Answer(f"bad key {key}", status=status)) as provider:
        cassette = empty(tmp_path)
        with pytest.raises(CellStopped) as caught:
            record(cassette, provider, "a", secrets=(key,))
    told = str(caught.value)
    assert f"the provider answered {status}: " in told
    assert "bad key scrubbed" in told
    assert key not in told
    assert "check the key, --base-url and --model" in told
    assert cassette.interactions == []
    assert list(tmp_path.iterdir()) == []


def test_a_prompt_with_a_secret_is_not_sent(tmp_path: Path) -> None:
    """It would be paid for, and the file would hold it for ever."""
    with scripted_provider() as provider:
        cassette = empty(tmp_path)
        with pytest.raises(CellStopped, match="a prompt contains a secret"):
            record(cassette, provider, "my top-secret", secrets=("top-secret",))
    assert provider.received == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("secret", ["sk-proj-Ab12Cd34Ef56Gh78Ij90Kl", "top-secret"])
def test_a_path_with_a_secret_is_not_sent(tmp_path: Path, secret: str) -> None:
    """The path is stored as it is. The error does not show it."""
    url = f"http://provider/v1/tenants/{secret}/chat/completions"
    with vcr_adapter.recording(empty(tmp_path), BASE, explain, ("top-secret",)) as opened:
        sent = opened.sent_request("POST", url, b"{}")
        with pytest.raises(CellStopped, match="path of a POST request contains a") as caught:
            opened.lacks(sent)
    assert secret not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_response_cannot_be_continued_by_its_id(tmp_path: Path) -> None:
    """The id is not stored, so no replay could know it; the provider would refuse the other."""
    cassette = empty(tmp_path)
    url = "http://provider/v1/responses"
    with vcr_adapter.recording(cassette, BASE, explain, ()) as opened:
        sent = opened.sent_request("POST", url, b'{"previous_response_id":"scrubbed"}')
        with pytest.raises(CellStopped, match="by its id, which is not stored"):
            opened.lacks(sent)


def test_a_compressed_answer_is_stored_as_text(tmp_path: Path) -> None:
    """A provider that ignores `accept-encoding` leaves no bytes that nobody can review."""
    content = Answer("hello").payload("m")
    answer = Answer(body=gzip.compress(content), headers={"content-encoding": "gzip"})
    with scripted_provider(lambda _: answer) as provider:
        cassette = empty(tmp_path)
        (live,) = record(cassette, provider, "a")
    assert cassette.interactions[0].response_body == live
    assert json.loads(live)["choices"] == json.loads(content)["choices"]


def test_an_unusable_answer_ends_the_cell_and_is_not_kept(tmp_path: Path) -> None:
    """The provider is named, and the journal does not hold it."""
    with scripted_provider(lambda _: Answer(body=b'{"choices": [')) as provider:
        cassette = empty(tmp_path)
        with pytest.raises(CellStopped, match="the provider's answer cannot be used: it is not J"):
            record(cassette, provider, "a")
    assert cassette.interactions == []
    assert list(tmp_path.iterdir()) == []
