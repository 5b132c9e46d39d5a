"""What a cassette keeps of any answer: what the client got, and nothing that no client can use."""

import json
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest
from click.testing import CliRunner
from house import House
from raw_provider import UNUSABLE, reply, served
from scripted_provider import Answer, Received, in_words, scripted_provider

from flagbench.cassette import file, journal
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cli.main import cli
from flagbench.errors import CouldNotRun

pytestmark = pytest.mark.filterwarnings("ignore:coroutine 'write")


def bad_at(number: int, body: bytes, **more: object) -> Callable[[Received], Answer]:
    """Answers in words, but for one request."""
    return lambda asked: Answer(body=body, **more) if asked.number == number else in_words(asked)


def replay(house: House) -> Cassette:
    """Run a cell from the cassette of the first trial."""
    runner = house.runner().cell_runner
    runner.cell(house.scenario, house.scenario.control, 1)
    return runner.cassette(house.scenario, 1)


@pytest.mark.parametrize("body", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_answer_is_not_kept_and_asked_again(empty_house: House, body: bytes) -> None:
    """The error names the provider; the same command goes on and pays for nothing twice."""
    with scripted_provider(bad_at(5, body)) as provider:
        with pytest.raises(CouldNotRun) as caught:
            empty_house.record(provider.base_url, trials=1)
        assert "the provider's answer cannot be used: it " in str(caught.value)
        assert "expected: an answer as the provider's API describes it" in str(caught.value)
        assert "fix: " in str(caught.value)
        assert len(provider.received) == 5
        empty_house.record(provider.base_url, trials=1)
        assert len(provider.received) == 7
    assert [one.fault for one in replay(empty_house).interactions] == [""] * 6


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("body", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_answer_of_an_old_cassette_is_named_and_replaced(
    house: House, body: bytes, fresh: bool
) -> None:
    """By a replay, and by the next recording."""
    cassette = file.load(house.cassette(), record_command="")
    good = cassette.interactions[1]
    cassette.interactions[1] = replace(good, response_body=body)
    file.save(Cassette.of(cassette.path, cassette.metadata, cassette.interactions))
    with pytest.raises(CouldNotRun) as caught:
        replay(house)
    told = str(caught.value)
    assert "the provider's answer cannot be used: it " in told
    assert f"(interaction 2)\n    expected: {'an answer'}" in told
    assert f"fix: flagbench record {house.scenario_file} (which asks for this answer again)" in told
    with scripted_provider() as provider:
        house.record(provider.base_url, trials=1, fresh=fresh)
        assert len(provider.received) == (6 if fresh else 1)
    assert replay(house).find(good.key, 0) is not None


def test_an_unusable_answer_of_a_journal_is_replaced(empty_house: House) -> None:
    """Whatever wrote it."""
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, trials=1)
        *others, last = file.load(empty_house.cassette(), record_command="").interactions
        empty_house.cassette().unlink()
        for one in (*others, replace(last, response_body=b"null")):
            journal.append(empty_house.cassette(), one)
        empty_house.record(provider.base_url, trials=1)
        assert len(provider.received) == 7
    replay(empty_house)


def recorded_by(
    house: House,
    subject_module: Callable[[str], str],
    call: str,
    handle: Callable[[BaseHTTPRequestHandler], None],
) -> tuple[Interaction, ...]:
    """Record what a subject calls, replay it, and give what was recorded. `call` sets `said`.

    The subject raises where a replay gives it another text than the recording.
    """
    dotted = subject_module(f"""
import json, pathlib
from tiny import Made
SAID = pathlib.Path({str(house.path / "said.json")!r})
async def run(requests, flags, client, *, model, workdir, listener):
    {call}
    if SAID.exists() and json.loads(SAID.read_text()) != said:
        raise ValueError(f"{{said!r}} was {{SAID.read_text()}}")
    SAID.write_text(json.dumps(said))
    return Made([], {{}})
""")
    house.edit("tiny.write\n", f"{dotted}\nfactors: {{short: {{env: S}}}}\n")
    house.edit('targets:\n  all:\n    token_reduction: ">= 20 %"\n', "targets:\n  all:\n")
    with served(handle) as base:
        house.record(f"{base}/v1", trials=1)
    return tuple(replay(house).interactions)


def test_an_mp3_is_kept_byte_for_byte(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """It is not text, and nobody can count its tokens."""
    sound = b"ID3\x03\x00" + bytes(range(256)) * 4
    call = """said = (await client.audio.speech.create(
        model=model, voice="alloy", input="hi")).content.hex()"""
    with pytest.raises(CouldNotRun, match="/v1/audio/speech: the tokens of its prompt are unknown"):
        recorded_by(
            empty_house, subject_module, call,
            lambda handler: reply(handler, sound, content_type="audio/mpeg"),
        )  # fmt: skip
    (one,) = empty_house.runner().cell_runner.cassette(empty_house.scenario, 1).interactions
    assert one.response_body == sound


def test_an_upload_is_recorded_and_found_again(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """Though its client draws another boundary for its parts each time."""
    received = []

    def handle(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        received.append((handler.headers["content-type"], body))
        handler.headers.replace_header("content-length", "0")
        reply(handler, b'{"id":"file-1","object":"file"}', content_type="application/json")

    call = """said = (await client.files.create(
        file=("a.jsonl", b"\\xff" * 9 + b"words"), purpose="batch")).id"""
    (one,) = recorded_by(empty_house, subject_module, call, handle)
    ((content_type, body),) = received
    assert content_type.partition("boundary=")[2].encode() in body
    assert one.request_body == body
    assert b"\xff" * 9 + b"words" in body
    assert content_type in file_text(empty_house)


def file_text(house: House) -> str:
    """The cassette of the first trial as it is on disk."""
    return house.cassette().read_text()


def test_a_stream_is_kept_without_its_ids(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """And a recording plays what a replay plays."""
    chunk = {"id": "chatcmpl-abcdef123", "object": "chat.completion.chunk", "choices": [
        {"index": 0, "delta": {"content": "word "}, "finish_reason": None}]}  # fmt: skip
    body = f"data: {json.dumps(chunk)}\n\n" * 3 + "data: [DONE]\n\n"
    call = """said = [[chunk.id, chunk.choices[0].delta.content] async for chunk in
        await client.chat.completions.create(model=model, stream=True, messages=[])]"""
    recorded_by(
        empty_house, subject_module, call,
        lambda handler: reply(handler, body.encode(), content_type="text/event-stream"),
    )  # fmt: skip
    assert "chatcmpl-" not in file_text(empty_house)
    assert "scrubbed" in file_text(empty_house)


def test_a_redirect_is_followed_and_its_end_is_kept(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """Under the request that the subject sent."""
    good = Answer("from elsewhere").payload("m")

    def handle(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/v1/chat/completions":
            reply(handler, b"", 307, location="/other/path")
        else:
            reply(handler, good, content_type="application/json")

    call = """said = (await client.chat.completions.create(
        model=model, messages=[])).choices[0].message.content"""
    (one,) = recorded_by(empty_house, subject_module, call, handle)
    assert (one.path, one.status) == ("/v1/chat/completions", 200)
    assert b"from elsewhere" in one.response_body


@pytest.mark.parametrize("is_folder", [True, False], ids=["folder", "file"])
def test_a_path_of_another_kind_is_an_error(empty_house: House, is_folder: bool) -> None:
    """A folder in the place of a cassette, or a file in the place of the folder of cassettes."""
    if is_folder:
        empty_house.cassette().mkdir(parents=True)
    else:
        empty_house.cassettes.write_text("")
    told = CliRunner().invoke(
        cli, ["record", str(empty_house.scenario_file), "--cassettes", str(empty_house.cassettes)]
    )
    if is_folder:
        assert isinstance(told.exception, CouldNotRun)
        assert "cannot be read" in str(told.exception)
    else:
        assert told.exit_code == 2
        assert "is a file" in told.output
    with pytest.raises(CouldNotRun, match="cannot be read"):
        replay(empty_house)


def test_a_damaged_answer_is_named_and_asked_again(empty_house: House) -> None:
    """By the command that goes on."""
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, trials=1)
        for one in file.load(empty_house.cassette(), record_command="").interactions:
            journal.append(empty_house.cassette(), one)
        empty_house.cassette().unlink()
        path = journal.path_of(empty_house.cassette())
        path.write_bytes(
            path.read_bytes().replace(b'"elapsed_seconds": 1', b'"elapsed_seconds": 2', 1)
        )
        assert len(provider.received) == 6
        arguments = ["record", str(empty_house.scenario_file), "--trials", "1"]
        told = CliRunner().invoke(cli, [*arguments, "--cassettes", str(empty_house.cassettes)])
        assert f"{path}:1: this answer is damaged, and is asked for again" in told.output
        assert "1 requests" in told.output


def test_a_prompt_with_a_key_is_refused_before_anything_is_sent(
    empty_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by the forecast of the simulated provider, and for the key of another service."""
    monkeypatch.setenv("GITHUB_TOKEN", "a function that says hello")
    arguments = [
        "record",
        str(empty_house.scenario_file),
        "--cassettes",
        str(empty_house.cassettes),
    ]
    told = CliRunner().invoke(cli, arguments)
    assert isinstance(told.exception, CouldNotRun)
    assert "a prompt contains a secret" in str(told.exception)
    assert "it was not sent" in str(told.exception)
    assert not empty_house.cassettes.exists()
