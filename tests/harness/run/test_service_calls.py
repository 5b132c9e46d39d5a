"""Calls of declared services: recorded, replayed with their latency, no calls of a model."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from house import House
from scripted_provider import scripted_provider
from served_api import PICTURE, ServedApi, served_api
from varying import lay_out, record_varying, replayed

from flagbench.cassette import cleaning, file
from flagbench.errors import CouldNotRun, NotRecorded
from flagbench.measurement import results
from flagbench.report.text import token_remark
from flagbench.run import forecast, recording
from flagbench.series.series import MeasuredCell

Module = Callable[[str], str]
KEY = "a-real-key-of-a-service"


@pytest.fixture
def api() -> Iterator[ServedApi]:
    """The API of the service `search`."""
    with served_api() as served:
        yield served


@pytest.fixture
def record(
    empty_house: House, subject_module: Module, api: ServedApi, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., House]:
    """Records a subject with this body, and the service `search` with a key."""
    monkeypatch.setenv("SEARCH_API_KEY", KEY)

    def run(body: str, more: str = "", rules: str = "", *, varies: bool = False) -> House:
        service = f"{{base_url: '{api.base_url}', env: SEARCH_URL, keys: [SEARCH_API_KEY]{more}}}"
        body = f"base = os.environ['SEARCH_URL']\n{body}"
        lay_out(empty_house, subject_module, body, f"services: {{search: {service}}}\n{rules}")
        recorded = partial(record_varying, empty_house) if varies else empty_house.record
        with scripted_provider() as provider:
            recorded(provider.base_url, secrets=(KEY,))
        return empty_house

    return run


# A request -> the answer in words, by a client that the subject makes.
REQUESTS = {
    "a query": ("httpx.get(base + '/find', params={'q': 'a b', 'n': 3})", "200"),
    "a put": ("httpx.put(base + '/items/1', json={'a': 1})", "200"),
    "a delete": ("httpx.delete(base + '/gone')", "204"),
    "a head": ("httpx.head(base + '/find')", "200"),
    "a post without a body": ("httpx.post(base + '/find')", "200"),
    "a binary upload": ("httpx.post(base + '/find', content=bytes(range(256)))", "200"),
    "a picture": ("httpx.get(base + '/picture')", "200"),
    "an empty answer": ("httpx.get(base + '/empty')", "200"),
    "not found": ("httpx.get(base + '/missing')", "404"),
    "no permission": ("httpx.get(base + '/denied')", "401"),
    "a broken server": ("httpx.get(base + '/broken')", "500"),
    "a redirect": ("httpx.get(base + '/moved', follow_redirects=True)", "200"),
    "a redirect that is not followed": ("httpx.get(base + '/away')", "302"),
}
SEEN = """
answer = {}
body = answer.content.hex() if answer.headers.get("content-type") != "text/html" else ""
return {{"seen.txt": f"{{answer.status_code}} {{answer.headers.get('content-type')}} {{body}}"}}
"""


@pytest.mark.parametrize(("call", "status"), REQUESTS.values(), ids=REQUESTS)
def test_a_call_is_recorded_and_replayed(
    record: Callable[..., House], api: ServedApi, call: str, status: str
) -> None:
    """The same answer without the server, at its latency, and no call of a model."""
    house = record(SEEN.format(call))
    asked = len(api.received)
    cell = replayed(house)
    row = cell.measurement
    hops = 2 if "moved" in call else 1
    assert len(api.received) == asked == hops
    (seen,) = cell.texts.values()
    assert seen.startswith(status)
    if "picture" in call:
        assert seen.endswith(PICTURE.hex())
    assert (row.calls, row.tokens, row.service_calls) == (0, 0, hops)
    assert row.services["search"].calls == hops
    assert row.services["search"].failed == (hops if status >= "400" else 0)
    assert row.seconds == pytest.approx(row.services["search"].seconds) != 0
    assert row.tokens_source["tokens"] == "counted"
    assert results.from_row(row.row()) == row


def test_the_data_of_a_service_is_kept_and_its_keys_are_not(record: Callable[..., House]) -> None:
    """Names and addresses are data; headers are not stored but those declared; nor is a key."""
    body = """
headers = {"authorization": "Bearer " + os.environ["SEARCH_API_KEY"]}
answer = httpx.get(base + "/find", params={"q": "x", "key": os.environ["SEARCH_API_KEY"]},
                   headers=headers)
return {"seen.txt": f"{answer.json()['user']} {answer.headers.get('x-total')}"
                    f" {answer.headers.get('set-cookie')}"}
"""
    house = record(body, ", secret_query: [key], headers: [X-Total]")
    text = house.cassette().read_text()
    assert "http://provider//search/find?q=x&key=scrubbed" in text
    assert KEY not in text
    assert "bob@example.org" in text
    assert set(replayed(house).texts.values()) == {"bob 7 None"}
    cleaned = cleaning.clean_file(house.cassette(), (), is_check=True)
    assert not cleaned.counts


def test_the_service_gets_the_real_key_and_not_the_providers(
    record: Callable[..., House], api: ServedApi
) -> None:
    """A replay has a placeholder in place of it, with the same answer."""
    record("httpx.get(base + '/find', headers={'x-key': os.environ['SEARCH_API_KEY']})")
    (_, headers, _), *_ = api.received
    assert headers["x-key"] == KEY
    assert "authorization" not in headers
    assert not [name for name in headers if name.startswith("x-flagbench")]


def test_a_key_in_a_query_that_is_not_declared_is_not_sent(
    record: Callable[..., House], api: ServedApi
) -> None:
    """The error names the key of the scenario that declares it."""
    with pytest.raises(CouldNotRun, match=r"services.search.secret_query"):
        record("httpx.get(base + '/find', params={'k': os.environ['SEARCH_API_KEY']})")
    assert api.received == []


@pytest.mark.parametrize(
    "call", ["httpx.get('http://elsewhere.test/x?key=1')", "httpx.get(base.rstrip('i') + 'i2/x')",
             "httpx.get(base + '/away', follow_redirects=True)"],
)  # fmt: skip
def test_an_undeclared_host_is_one_error_that_proposes_services(
    record: Callable[..., House], call: str
) -> None:
    """Also after a redirect, and for an address that only begins as a declared one does."""
    with pytest.raises(CouldNotRun, match="nor a service that the scenario declares") as refused:
        record(call)
    problem = refused.value.problems[0]
    assert re.search(r"services:\n +NAME: \{base_url: 'http://", problem.fix)
    assert "key=1" not in str(problem)


def test_another_query_is_another_request(record: Callable[..., House]) -> None:
    """The nearest recorded call of the same service is named, with what differs."""
    body = "httpx.get(base + '/find', params={'q': os.environ.get('ASKED', 'cats')})"
    house = record(f"ask('x')\n{body}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASKED", "dogs")
        with pytest.raises(NotRecorded, match=r"recorded //search/find\?q=cats, sent .*q=dogs"):
            replayed(house)


@pytest.mark.parametrize(
    "call",
    ["httpx.get(base + '/find', params={'at': day})", "httpx.get(base + f'/find/{own}')",
     "httpx.put(base + '/find', json={'at': day, 'id': own})"],
)  # fmt: skip
def test_the_rule_for_a_call_that_varies_is_proposed(
    record: Callable[..., House], call: str
) -> None:
    """For its path, its query or its body; with the lines it is replayed."""
    house = record(call, varies=True)
    with pytest.raises(NotRecorded) as refused:
        replayed(house)
    lines = refused.value.problems[0].fix.splitlines()[1:-1]
    with house.scenario_file.open("a") as stream:
        stream.writelines(f"{line.removeprefix('      ')}\n" for line in lines)
    assert replayed(house).measurement.service_calls == 1


def test_calls_of_models_and_services_are_counted_apart(record: Callable[..., House]) -> None:
    """Agents, phases and requests are those of models; the verdict says what was called."""
    house = record("ask('x')\nhttpx.get(base + '/find')\nhttpx.get(base + '/missing')")
    cell = replayed(house)
    row = cell.measurement
    assert (row.calls, row.service_calls) == (1, 2)
    assert sum(usage.calls for usage in row.by_agent.values()) == 1
    assert row.failed_calls == {}
    assert token_remark.remark([row]).endswith("search: 2 calls, 1 failed")
    assert [span.agent for span in cell.timeline] == ["", "search", "search"]
    assert row.usage_compared == replayed(house).measurement.usage_compared


def test_what_a_recording_and_its_forecast_say(
    record: Callable[..., House], api: ServedApi
) -> None:
    """Requests are those of models; a forecast asks no service and says so."""
    house = record("ask('x')\nhttpx.get(base + '/find')")
    loaded = file.load(house.cassette(), record_command="")
    usage = recording.usage_of(loaded, 0, house.scenario)
    assert (usage.requests, usage.service_calls) == (1, len(api.received)) == (1, 1)
    known = forecast.forecast(house.scenario, cassettes=house.cassettes, fresh=False)
    assert known.usage == recording.NO_USAGE
    fresh = forecast.forecast(house.scenario, cassettes=house.cassettes, fresh=True)
    assert fresh.usage is None
    assert "the service search" in fresh.obstacle
    assert len(api.received) == 1


def test_a_latency_that_a_service_declares_is_recorded(record: Callable[..., House]) -> None:
    """As that of the simulated provider: a simulated service need not wait."""
    row = replayed(record("httpx.get(base + '/slow')")).measurement
    assert row.seconds == row.services["search"].seconds == 1.234567


def test_the_service_may_move(record: Callable[..., House]) -> None:
    """Another base URL needs no other recording, redirects included."""
    house = record("httpx.get(base + '/moved', follow_redirects=True)")
    text = house.scenario_file.read_text()
    house.write(re.sub(r"http://127.0.0.1:\d+/api", "https://api.example.com/v2", text))
    cell: MeasuredCell = replayed(house)
    assert cell.measurement.service_calls == 2
