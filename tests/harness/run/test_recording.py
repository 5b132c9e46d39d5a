"""Recording: only what is missing is asked, what was answered is kept, no secret reaches a file."""

import json
import resource
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest
from house import House
from scripted_provider import Answer, Received, Script, in_words, one_by_one, scripted_provider

from flagbench.cassette import file, journal, store
from flagbench.cassette.cassette import Interaction
from flagbench.errors import CouldNotRun
from flagbench.headers import WAITED
from flagbench.run import forecast as forecast_of
from flagbench.run import recording

# The tiny subject prepares its calls before it awaits them one by one.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine 'write")


def failing(after: int, failure: Answer) -> Script:
    """Answers so many requests in words, and every later one with a failure."""
    return lambda asked: in_words(asked) if asked.number <= after else failure


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder."""
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def written(folder: Path) -> bytes:
    """All bytes of all files under a folder."""
    return b"".join(files_of(folder).values())


def kept(house: House) -> Sequence[Interaction]:
    """What the cassette of the first trial holds."""
    return file.load(house.cassette(), record_command="").interactions


def test_each_request_of_a_trial_is_asked_once(empty_house: House) -> None:
    """Four combinations of three requests with two prompts each: six requests a trial."""
    with scripted_provider() as provider:
        added = empty_house.record(provider.base_url)
    assert added.requests == len(provider.received) == 12
    assert len(set(provider.prompts)) == 6
    assert added.prompt_tokens > added.completion_tokens > 0
    trials = [one.headers["x-flagbench-trial"] for one in provider.received]
    assert trials == ["1"] * 6 + ["2"] * 6
    assert sorted(files_of(empty_house.cassettes)) == [
        "simulated/tiny/1.yaml", "simulated/tiny/2.yaml",
    ]  # fmt: skip


def test_a_second_recording_asks_nothing_and_changes_nothing(house: House) -> None:
    """Nothing is missing, so nothing is written."""
    before = files_of(house.cassettes)
    with scripted_provider() as provider:
        added = house.record(provider.base_url)
    assert added == recording.NO_USAGE
    assert provider.received == []
    assert files_of(house.cassettes) == before


def test_only_what_is_missing_is_asked(house: House) -> None:
    """One request more in the scenario: two prompts a trial."""
    house.edit("  - a function that says hello\n", "  - a function that says goodbye\n")
    with scripted_provider() as provider:
        assert house.record(provider.base_url).requests == 4
    assert [prompt.rpartition("a function ")[2] for prompt in provider.prompts] == [
        "that says goodbye"
    ] * 4
    assert len(kept(house)) == 8


def test_a_fresh_recording_asks_everything_and_forgets_the_rest(house: House) -> None:
    """What the scenario no longer sends is gone."""
    house.edit("  - a function that says hello\n", "")
    with scripted_provider() as provider:
        assert house.record(provider.base_url, fresh=True).requests == 8
    assert len(kept(house)) == 4


def test_an_interrupted_fresh_recording_keeps_the_old_cassette_and_goes_on(house: House) -> None:
    """Each request is paid for once, also those of the trial that was whole; then all is new."""
    before = files_of(house.cassettes)
    with (
        scripted_provider(failing(8, Answer(is_cut=True))) as provider,
        pytest.raises(CouldNotRun, match="no complete answer from the provider"),
    ):
        house.record(provider.base_url, fresh=True)
    during = files_of(house.cassettes)
    assert during["simulated/tiny/2.yaml"] == before["simulated/tiny/2.yaml"]
    assert sorted(during.keys() - before.keys()) == [
        "simulated/tiny/1.yaml.part", "simulated/tiny/2.yaml.part",
    ]  # fmt: skip
    assert forecast(house, fresh=True).requests == 4
    assert files_of(house.cassettes) == during
    new = lambda asked: Answer(f"new {asked.prompt}")  # noqa: E731
    with scripted_provider(new) as provider:
        assert house.record(provider.base_url, fresh=True).requests == 12
    assert len(provider.received) == 4
    store.finish(house.cassettes, house.scenario)
    after = files_of(house.cassettes)
    assert after.keys() == before.keys()
    assert after["simulated/tiny/1.yaml"] == before["simulated/tiny/1.yaml"]  # the same answers
    assert after["simulated/tiny/2.yaml"].count(b"new ") == 4


def test_a_fresh_recording_that_goes_on_forgets_what_is_no_longer_asked(house: House) -> None:
    """As one that was not interrupted does."""
    with (
        scripted_provider(failing(4, Answer(is_cut=True))) as provider,
        pytest.raises(CouldNotRun),
    ):
        house.record(provider.base_url, fresh=True)
    house.edit("  - a function that says hello\n", "")
    with scripted_provider() as provider:
        added = house.record(provider.base_url, trials=1, fresh=True)
    assert (added.requests, len(provider.received)) == (4, 1)
    prompts = [json.loads(one.request_body)["messages"][0]["content"] for one in kept(house)]
    assert len(prompts) == 4
    assert not any("hello" in prompt for prompt in prompts)


def test_a_fresh_recording_forgets_the_journal_of_another(house: House) -> None:
    """What an ordinary recording left is not of this one."""
    interactions = kept(house)
    journal.append(house.cassette(), interactions[0])
    with scripted_provider() as provider:
        house.record(provider.base_url, trials=1, fresh=True)
    assert len(provider.received) == 6


def test_a_fresh_recording_without_an_answer_binds_nobody(house: House) -> None:
    """Neither to the model it was begun with, nor to being fresh."""
    with scripted_provider(failing(0, Answer("no such model", status=403))) as provider:
        for model in ("some-model", "another-model"):
            other = replace(house.scenario, model=model)
            with pytest.raises(CouldNotRun, match="the API key lacks"):
                house.record(provider.base_url, scenario=other, trials=1, fresh=True)
        assert house.record(provider.base_url, trials=1) == recording.NO_USAGE
    assert not store.is_unfinished(house.cassettes, house.scenario)


def test_an_ordinary_recording_is_not_taken_for_the_fresh_one_before_it(house: House) -> None:
    """It fails in its turn; what it kept goes into the old cassette."""
    house.edit("  - a function that", "  - one function that")
    for fresh, answers in ((True, 0), (False, 1)):
        with (
            scripted_provider(failing(answers, Answer(is_cut=True))) as provider,
            pytest.raises(CouldNotRun, match="no complete answer"),
        ):
            house.record(provider.base_url, trials=1, fresh=fresh)
    assert len(kept(house)) == 7
    assert not store.is_unfinished(house.cassettes, house.scenario)


def test_a_recording_that_fails_at_once_leaves_no_cassette(empty_house: House) -> None:
    """An empty one would be taken for a recording."""
    with scripted_provider(failing(0, Answer("bad key", status=401))) as provider:
        for fresh in (False, True):
            with pytest.raises(CouldNotRun, match="the API key was rejected"):
                empty_house.record(provider.base_url, fresh=fresh)
            assert not empty_house.cassette().exists()


def test_two_recordings_of_the_same_are_the_same_bytes(house: House, tmp_path: Path) -> None:
    """The latency is declared, and nothing in a cassette is of the moment."""
    first = files_of(house.cassettes)
    other = House(tmp_path)
    for one in house.cassettes.rglob("*.yaml"):
        one.unlink()
    with scripted_provider() as provider:
        other.record(provider.base_url)
    assert files_of(other.cassettes) == first


def test_the_nth_identical_request_is_told_to_the_provider(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """So that a simulated provider can draw another answer for it, and the same one again."""
    dotted = subject_module("""
from tiny import Made
async def run(requests, flags, client, *, model, workdir, listener):
    for _ in range(3):
        await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "same"}])
    return Made([], {})
""")
    empty_house.edit("tiny.write\n", f"{dotted}\nfactors: {{short: {{env: S}}}}\n")
    empty_house.edit('targets:\n  all:\n    token_reduction: ">= 20 %"\n', "targets:\n  all:\n")
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, trials=1)
    told = [one.headers["x-flagbench-occurrence"] for one in provider.received]
    assert told == ["1", "2", "3"]


def test_what_the_harness_adds_never_reaches_a_real_provider_as_identity(
    empty_house: House,
) -> None:
    """Agent, phase and request id are for the measurement only."""
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, trials=1)
    assert provider.received
    for one in provider.received:
        assert {"x-agent", "x-phase", "x-client-request-id"}.isdisjoint(one.headers)


def test_an_interrupted_recording_keeps_what_was_answered(empty_house: House) -> None:
    """The cassette is whole, and the next run asks only for the rest."""
    hits: list[Received] = []

    def interrupt(asked: Received) -> Answer:
        hits.append(asked)
        return in_words(asked)

    with scripted_provider(interrupt) as provider, pytest.raises(KeyboardInterrupt):

        def stop() -> None:
            raise KeyboardInterrupt

        recording.record_trial(
            empty_house.scenario, 1, recording.Endpoint(provider.base_url, "k", ()),
            cassettes=empty_house.cassettes, fresh=False, on_cell=stop,
        )  # fmt: skip
    assert len(hits) == 3
    assert list(files_of(empty_house.cassettes)) == ["simulated/tiny/1.yaml"]
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, trials=1)
    assert len(provider.received) == 3


def test_an_answer_that_only_reached_the_journal_is_kept(
    empty_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt may come at any instruction, also between the journal and the cassette."""
    append = journal.append

    def interrupted(cassette: Path, interaction: object) -> None:
        append(cassette, interaction)
        if len(journal.read(cassette)) == 3:
            raise KeyboardInterrupt

    with scripted_provider() as provider:
        with monkeypatch.context() as patch:
            patch.setattr(journal, "append", interrupted)
            with pytest.raises(KeyboardInterrupt):
                empty_house.record(provider.base_url)
        assert len(kept(empty_house)) == 3
        empty_house.record(provider.base_url, trials=1)
    assert len(provider.received) == 6


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Answer(is_cut=True), "no complete answer from the provider: RemoteProtocolError: "),
        (Answer(hangs=True), "no complete answer from the provider: ReadTimeout: "),
        (Answer("bad key", status=401), "the provider answered 401: the API key was rejected: "),
    ],
    ids=["closes half-way", "hangs", "401"],
)
def test_a_provider_that_fails_ends_the_recording_and_keeps_the_rest(
    empty_house: House, monkeypatch: pytest.MonkeyPatch, failure: Answer, told: str
) -> None:
    """Four answers were paid for; the next run asks for the other two of the trial."""
    monkeypatch.setattr(recording, "MOST_ANSWER_SECONDS", 0.3)
    with scripted_provider(failing(4, failure)) as provider:
        with pytest.raises(CouldNotRun, match=told):
            empty_house.record(provider.base_url)
        assert len(provider.received) == 5
    assert len(kept(empty_house)) == 4
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, trials=1)
    assert len(provider.received) == 2
    assert len(kept(empty_house)) == 6


def test_a_failing_subject_keeps_what_was_answered(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """A bug in the subject costs no answer twice."""
    dotted = subject_module("""
from tiny import write
async def run(requests, flags, client, **more):
    await write(requests, flags, client, **more)
    raise RuntimeError("a bug")
run.factors = write.factors
""")
    empty_house.edit("tiny.write", dotted)
    with scripted_provider() as provider, pytest.raises(CouldNotRun, match="a bug"):
        empty_house.record(provider.base_url)
    assert len(kept(empty_house)) == 3


def test_errors_that_a_subject_retries_are_recorded(empty_house: House) -> None:
    """429 and 500 belong to the measurement: they are played again in the same order."""
    answers = [
        Answer("slow down", status=429, headers={"retry-after": "1"}),
        Answer("oops", status=500, elapsed_ms=100.0),
    ]
    with scripted_provider(one_by_one(answers)) as provider:
        empty_house.record(provider.base_url, trials=1)
    scenario = empty_house.scenario
    cell = empty_house.runner().cell_runner.cell(scenario, scenario.control, 1)
    assert cell.measurement.failed_calls == {"429": 1, "500": 1}
    assert cell.measurement.events == {"retry": 2, "written": 3}
    assert cell.measurement.seconds == 1.0 + 2 + 0.1 + 2 + 5.051


def test_a_subject_that_cancels_its_calls_is_recorded(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """Whole answers are kept, also where the subject did not wait; a replay measures the same."""
    dotted = subject_module("""
import asyncio
from tiny import Made, write

async def run(requests, flags, client, *, model, **more):
    def ask(words):
        messages = [{"role": "user", "content": words}]
        return client.chat.completions.create(model=model, messages=messages)

    for _ in range(2):
        try:
            await asyncio.wait_for(ask("slow"), 0.5)
        except TimeoutError:
            await asyncio.sleep(1)
    racing = [asyncio.create_task(ask(words)) for words in ("a", "longer")]
    _, late = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
    for one in late:
        one.cancel()
    return Made([], {})

run.factors = write.factors
""")
    empty_house.edit("tiny.write", dotted)
    with scripted_provider() as provider:
        assert empty_house.record(provider.base_url, trials=1).requests == 4
        assert empty_house.record(provider.base_url, trials=1) == recording.NO_USAGE
    assert provider.prompts == ["slow", "slow", "a", "longer"]
    interactions = kept(empty_house)
    assert [one.elapsed_seconds for one in interactions] == [1.004, 1.004, 1.001, 1.006]
    scenario = empty_house.scenario
    row = empty_house.runner().cell_runner.cell(scenario, scenario.control, 1).measurement
    assert (row.calls, row.seconds) == (4, 4.001)
    assert row.by_agent[""].seconds == 3.002


SECRETS = {
    "key": "sk-proj-plantedkey0123456789",
    "organisation": "org-plantedorganisation",
    "project": "proj_plantedproject",
    "cookie": "__cf_bm=plantedcookie",
    "request id": "req_plantedrequest0123",
    "completion id": "chatcmpl-plantedcompletion",
    "fingerprint": "fp_planted",
}


def leaking(asked: Received) -> Answer:
    """Every secret in headers, in an error's body and in the completion's ids."""
    headers = {
        "set-cookie": f"{SECRETS['cookie']}; path=/", "x-request-id": SECRETS["request id"],
        "openai-organization": SECRETS["organisation"], "openai-project": SECRETS["project"],
        "authorization": f"Bearer {SECRETS['key']}", "retry-after": "1",
    }  # fmt: skip
    if asked.number in (1, 5):
        said = " ".join(SECRETS.values())
        masked = SECRETS["key"][:12] + "*****6789"
        return Answer(
            status=(429 if asked.number == 1 else 500),
            headers=headers,
            body=(
                json.dumps({"error": {"message": f"{said} {masked}"}}).encode()
                if asked.number == 1
                else f"<html>{said}</html>".encode()
            ),
        )
    return Answer(
        f"# generated by {SECRETS['key']}\n",
        headers=headers,
        completion_id=SECRETS["completion id"],
    )


def test_no_secret_reaches_a_file(
    empty_house: House, monkeypatch: pytest.MonkeyPatch, subject_module: Callable[[str], str]
) -> None:
    """Planted in request headers, response headers, error bodies, completions and their ids."""
    dotted = subject_module(f"""
from tiny import write
async def run(requests, flags, client, **more):
    client = client.with_options(default_headers={{
        "OpenAI-Organization": {SECRETS["organisation"]!r},
        "OpenAI-Project": {SECRETS["project"]!r},
        "Cookie": {SECRETS["cookie"]!r}, "X-Request-Id": {SECRETS["request id"]!r}}})
    return await write(requests, flags, client, **more)
run.factors = write.factors
""")
    empty_house.edit("tiny.write", dotted)
    secrets = tuple(SECRETS[name] for name in ("key", "organisation", "project"))
    journals = []
    append = journal.append

    def keep(cassette: Path, interaction: object) -> None:
        append(cassette, interaction)
        journals.append(journal.path_of(cassette).read_bytes())

    monkeypatch.setattr(journal, "append", keep)
    with scripted_provider(leaking) as provider:
        empty_house.record(provider.base_url, trials=1, secrets=secrets, api_key=SECRETS["key"])
    sent = json.dumps([dict(one.headers) for one in provider.received])
    for name in ("key", "organisation", "project", "cookie", "request id"):
        assert SECRETS[name] in sent  # they were really there
    assert len(journals) == 8  # two retries
    interactions = kept(empty_house)
    bodies = [interaction.response_body for interaction in interactions]
    plain = b"".join([written(empty_house.cassettes), *journals, *bodies])
    assert b"scrubbed" in plain
    for name in ("key", "organisation", "project", "request id"):
        assert SECRETS[name].encode() not in plain, name
    for one in interactions:
        stored = json.dumps(dict(one.headers)) + one.response_body.decode()
        for name in SECRETS if one.status == 200 else ():
            assert SECRETS[name] not in stored, name
        assert set(one.headers) <= {"content-type", "retry-after", WAITED}


def test_no_identity_of_an_answer_stays_in_an_error(empty_house: House) -> None:
    """A completion's id or a cookie, told back in the words of an error."""
    with scripted_provider(leaking) as provider:
        empty_house.record(provider.base_url, trials=1)
    for name in ("completion id", "cookie", "fingerprint"):
        assert SECRETS[name].encode() not in written(empty_house.cassettes)


def test_a_cookie_and_a_key_of_the_address_are_in_no_answer(empty_house: House) -> None:
    """Told back in a completion, by a gateway that has its key in the path."""
    cookie, key = "3p7Vh2Qb8XkZ", "0f8fad5bd9cb469fa16570867728950e"

    def echo(asked: Received) -> Answer:
        said = f"# {key} {cookie} {'no' if asked.number % 2 else cookie.lower()}\n"
        return Answer(said, headers={"set-cookie": f"session={cookie}; path=/"})

    with scripted_provider(echo) as provider:
        empty_house.record(provider.base_url.replace("/v1", f"/{key}/v1"), trials=1)
    stored = written(empty_house.cassettes)
    assert b"scrubbed" in stored
    assert cookie.lower().encode() not in stored.lower()
    assert key.encode() not in stored


def test_the_status_line_tells_nothing(empty_house: House) -> None:
    """A reason phrase is the provider's text as well."""
    answer = Answer("x", status=500, reason=f"Failed {SECRETS['key']}")
    with scripted_provider(one_by_one([answer])) as provider:
        empty_house.record(provider.base_url, trials=1, secrets=(SECRETS["key"],))
    assert SECRETS["key"].encode() not in written(empty_house.cassettes)


def test_a_left_over_journal_is_taken_in(house: House) -> None:
    """Its last line was cut off; the lines before are not asked again."""
    interactions = kept(house)
    house.cassette().unlink()
    for one in interactions[:4]:
        journal.append(house.cassette(), one)
    path = journal.path_of(house.cassette())
    path.write_bytes(path.read_bytes()[:-10])
    with scripted_provider() as provider:
        added = house.record(provider.base_url, trials=1)
    assert len(provider.received) == 3
    assert added.requests == 6  # those of the journal are new in the cassette too
    assert not path.exists()
    assert len(kept(house)) == 6


def test_a_recording_for_other_settings_is_not_mixed(house: House) -> None:
    """It is refused before anything is asked."""
    house.edit("trials: 2\n", "trials: 2\nprovider: {name: simulated, settings: {seed: 7}}\n")
    with scripted_provider() as provider, pytest.raises(CouldNotRun, match="has expired"):
        house.record(provider.base_url)
    assert provider.received == []


def test_an_unreadable_cassette_is_never_written_over(house: House) -> None:
    """A person may be able to mend it."""
    house.cassette().write_text("half a casse")
    with scripted_provider() as provider, pytest.raises(CouldNotRun, match="--fresh"):
        house.record(provider.base_url)
    assert provider.received == []
    assert house.cassette().read_text() == "half a casse"


def forecast(house: House, *, fresh: bool = False) -> recording.RecordedUsage:
    """What a recording would ask."""
    expected = forecast_of.forecast(house.scenario, cassettes=house.cassettes, fresh=fresh)
    assert expected.usage is not None
    return expected.usage


def test_the_forecast_is_what_is_asked(house: House) -> None:
    """Of the requests exactly; it asks nobody and writes nothing."""
    before = files_of(house.path)
    assert forecast(house) == recording.NO_USAGE
    fresh = forecast(house, fresh=True)
    assert fresh.requests == 12
    assert fresh.prompt_tokens > fresh.completion_tokens > 0
    house.cassette(2).unlink()
    assert forecast(house).requests == 6
    house.cassette(1).unlink()
    assert files_of(house.path).keys() < before.keys()


def test_the_forecast_follows_settings_that_differ_by_trial(empty_house: House) -> None:
    """A trial is like another only under the same settings of the provider."""
    alike = forecast(empty_house).requests
    settings = "{by_trial: {rate_limit: [0.0, 1.0]}}"
    empty_house.edit(
        "trials: 2\n", f"trials: 2\nprovider: {{name: simulated, settings: {settings}}}\n"
    )
    # Every request of the second trial is refused, up to four times: the tiny subject keeps no
    # wait, and a call that comes back within it is refused without being sent.
    assert alike / 2 * 2 < forecast(empty_house).requests <= alike / 2 + alike / 2 * 4


def test_the_control_is_recorded_although_the_design_lacks_it(empty_house: House) -> None:
    """Every series is held against it."""
    empty_house.edit("trials: 2\n", "trials: 2\ndesign: named\ncombinations: [short, all]\n")
    assert [one.id for one in recording.combinations_of(empty_house.scenario)] == [
        "none",
        "short",
        "all",
    ]


def drifting(asked: Received) -> Answer:
    """A provider that drifts: each answer bills a token more than the one before."""
    return replace(in_words(asked), usage=(1, asked.number))


@pytest.mark.parametrize(
    ("provider", "drift"), [("scripted", 0), ("simulated", 3)], ids=["real", "simulated"]
)
def test_drift_of_a_real_provider_is_in_both_arms(
    empty_house: House, provider: str, drift: int
) -> None:
    """Control and candidate ask alike; over two trials each is as often the later as the other.

    The simulated provider does not drift, and keeps the order of the shipped cassettes.
    """
    combinations = tuple(
        each for each in recording.combinations_of(empty_house.scenario) if each.id == "short"
    )
    scenario = replace(empty_house.scenario, provider=provider, combinations=combinations)
    with scripted_provider(drifting) as served:
        empty_house.record(served.base_url, scenario=scenario)
    differences = []
    for trial in (1, 2):
        path = store.cassette_path(empty_house.cassettes, scenario, trial)
        billed: dict[bool, list[int]] = {True: [], False: []}
        for call in file.load(path, record_command="").interactions:
            usage = json.loads(call.response_body)["usage"]
            billed[b"Take your time" in call.request_body].append(usage["completion_tokens"])
        assert len(billed[True]) == len(billed[False]) == 3
        differences.append(fmean(billed[False]) - fmean(billed[True]))
    assert fmean(differences) == drift


SEEDED = """
import random
from tiny import Made, write

async def run(requests, flags, client, *, model, **more):
    words = "in short" if flags["TINY_SHORT"] == "true" else "at length"
    await client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": words}], seed=random.getrandbits(31))
    return Made([], {})

run.factors = write.factors
"""


def test_a_seed_that_a_subject_draws_is_shared_within_a_trial(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """Control and candidate send the same, another trial another; the replay sends it again."""
    empty_house.edit("tiny.write", subject_module(SEEDED))
    with scripted_provider() as served:
        assert empty_house.record(served.base_url).requests == 4
    seeds: dict[str, set[int]] = {}
    for asked in served.received:
        seeds.setdefault(asked.headers["x-flagbench-trial"], set()).add(asked.body["seed"])
    assert [len(drawn) for drawn in seeds.values()] == [1, 1]
    assert seeds["1"] != seeds["2"]


@pytest.fixture
def small_files() -> Callable[[int], None]:
    """Lets no file of this process grow beyond so many bytes, until the test ends."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def limit(size_bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


# With 3000 bytes the journal of the tiny scenario ends in its second answer, which is lost; after
# the fourth cell only the cassette is left to write.
@pytest.mark.parametrize(
    ("cells", "size_bytes", "paid", "lost"),
    [(0, 3000, 2, 1), (4, 1000, 6, 0)],
    ids=["journal", "cassette"],
)
def test_a_full_disk_is_told_and_keeps_what_was_answered_before(
    empty_house: House,
    small_files: Callable[[int], None],
    cells: int,
    size_bytes: int,
    paid: int,
    lost: int,
) -> None:
    """In words, with what to do; no answer that was kept is asked for again."""
    recorded: list[None] = []

    def on_cell() -> None:
        recorded.append(None)
        if len(recorded) == cells:
            small_files(size_bytes)

    with scripted_provider() as provider:
        if not cells:
            small_files(size_bytes)
        with pytest.raises(CouldNotRun) as caught:
            recording.record_trial(
                empty_house.scenario, 1, recording.Endpoint(provider.base_url, "k", ()),
                cassettes=empty_house.cassettes, fresh=False, on_cell=on_cell,
            )  # fmt: skip
        small_files(resource.RLIM_INFINITY)
        assert "File too large" in str(caught.value)
        assert "free some disk space and run the same command again" in str(caught.value)
        assert len(provider.received) == paid
        empty_house.record(provider.base_url, trials=1)
        assert len(provider.received) == 6 + lost
    assert len(kept(empty_house)) == 6


def test_a_full_disk_cannot_be_swallowed_by_the_subject(
    empty_house: House,
    small_files: Callable[[int], None],
    subject_module: Callable[[str], str],
) -> None:
    """Or it would go on to pay for answers that nobody can keep."""
    dotted = subject_module("""
from tiny import Made, write
async def run(requests, flags, client, *, model, **more):
    for number in range(9):
        try:
            messages = [{"role": "user", "content": f"{number}" * 700}]
            await client.chat.completions.create(model=model, messages=messages)
        except Exception:
            pass
    return Made([], {})
run.factors = write.factors
""")
    empty_house.edit("tiny.write", dotted)
    with scripted_provider() as provider:
        small_files(3000)
        with pytest.raises(CouldNotRun) as caught:
            empty_house.record(provider.base_url, trials=1)
        small_files(resource.RLIM_INFINITY)
    assert "File too large" in str(caught.value)
    assert len(provider.received) < 9


def test_a_forecast_that_cannot_be_made_says_why(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """The simulated provider does not stream. A simulated scenario could not be recorded either."""
    streams = (
        "async def run(requests, flags, client, *, model, workdir, listener):\n"
        "    messages = [{'role': 'user', 'content': 'hello'}]\n"
        "    await client.chat.completions.create(model=model, messages=messages, stream=True)\n"
    )
    empty_house.edit("tiny.write", subject_module(streams))
    empty_house.edit(empty_house.scenario_file.read_text().partition("targets:")[2], " {}\n")
    real = replace(empty_house.scenario, provider="scripted")
    expected = forecast_of.forecast(real, cassettes=empty_house.cassettes, fresh=False)
    assert expected.usage is None
    assert "'stream' must be false" in expected.obstacle
    assert not empty_house.cassettes.exists()
    with pytest.raises(CouldNotRun, match="'stream' must be false"):
        forecast(empty_house)


@pytest.mark.parametrize(
    ("call", "obstacle"),
    [
        ("chat.completions.create(model=model, messages=[], stream=True)",
         "the simulated provider does not answer POST /v1/chat/completions like this (400)"),
        ("embeddings.create(model=model, input='hello')",
         "the simulated provider does not answer POST /v1/embeddings like this (404)"),
    ],
)  # fmt: skip
def test_a_call_that_the_stand_in_refuses_has_no_forecast(
    empty_house: House, subject_module: Callable[[str], str], call: str, obstacle: str
) -> None:
    """Also where the subject goes on: an error has no tokens, and the real answer will have."""
    calls = (
        "import openai\n"
        "async def run(requests, flags, client, *, model, workdir, listener):\n"
        "    try:\n"
        f"        await client.{call}\n"
        "    except openai.APIError:\n"
        "        pass\n"
    )
    empty_house.edit("tiny.write", subject_module(calls))
    empty_house.edit(empty_house.scenario_file.read_text().partition("targets:")[2], " {}\n")
    real = replace(empty_house.scenario, provider="scripted")
    expected = forecast_of.forecast(real, cassettes=empty_house.cassettes, fresh=False)
    assert (expected.usage, expected.obstacle) == (None, obstacle)
    own = forecast_of.forecast(empty_house.scenario, cassettes=empty_house.cassettes, fresh=False)
    assert own.usage is not None  # what it refuses here, it refuses in the recording


def test_a_forecast_ends_where_a_subject_does_not(
    empty_house: House, subject_module: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that asks until a tool is called, which the simulated provider never does."""
    asks = (
        "async def run(requests, flags, client, *, model, workdir, listener):\n"
        "    messages = [{'role': 'user', 'content': 'hello'}]\n"
        "    while True:\n"
        "        try:\n"
        "            await client.chat.completions.create(model=model, messages=messages)\n"
        "        except Exception:\n"
        "            pass\n"
    )
    monkeypatch.setattr(forecast_of, "FORECAST_REQUESTS", 20)
    empty_house.edit("tiny.write", subject_module(asks))
    empty_house.edit(empty_house.scenario_file.read_text().partition("targets:")[2], " {}\n")
    real = replace(empty_house.scenario, provider="scripted")
    expected = forecast_of.forecast(real, cassettes=empty_house.cassettes, fresh=False)
    assert "too many requests to be forecast" in expected.obstacle


def test_damaged_cassettes_stop_a_forecast(house: House) -> None:
    """They would stop the recording."""
    house.cassette().write_text("half a casse")
    with pytest.raises(CouldNotRun, match="not a whole cassette"):
        forecast_of.forecast(
            replace(house.scenario, provider="simulated"), cassettes=house.cassettes, fresh=False
        )
