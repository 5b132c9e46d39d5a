"""The simulated services: what they find, how long it takes, how they refuse and fail."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from flagbench.http_library import httpx
from flagbench.simulator.services.answer import Answer, Asked, Service
from flagbench.simulator.services.api import OVERHEAD_SECONDS, WORK_SECONDS, Api
from flagbench.simulator.services.search import MOST_LINES, Search
from flagbench.simulator.services.server import create_app, running_services
from flagbench.simulator.settings import ProviderSettings

FILES = {
    "a.py": '@router.get("/users")\nasync def users(): ...\n'
    '@router.post("/users")\ndef add(): ...\n',
    "b.py": 'client.get("/elsewhere")\n@router.delete("/users/last")\ndef drop_users(): ...\n',
    "notes.md": '@router.get("/notes")\nAsync def in prose\n' + "many lines\n" * (MOST_LINES + 1),
}


def asked(method: str, path: str, body: Any = None) -> Asked:
    """A request with a JSON body."""
    return Asked(method, path, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [("GET", "/users", 200, ""), ("HEAD", "/users", 200, ""),
     ("OPTIONS", "/users", 204, "GET, OPTIONS, POST"),
     ("DELETE", "/users", 405, "GET, OPTIONS, POST"),
     ("GET", "/users/last", 405, "DELETE, OPTIONS"), ("GET", "/elsewhere", 404, ""),
     ("OPTIONS", "/notes", 404, ""), ("GET", "/users?page=2", 200, "")],
)  # fmt: skip
def test_the_api_has_the_declared_routes(method: str, path: str, status: int, allow: str) -> None:
    """Alone and in a batch, which takes one connection for all of its work."""
    api = Api(FILES)
    answer = api.respond(asked(method, path))
    assert (answer.status, answer.headers.get("allow", "")) == (status, allow)
    parts = [{"method": method, "url": path}] * 3
    batch = api.respond(asked("POST", "/$batch", {"requests": parts}))
    assert batch.body == {"responses": [{"status": status, "allow": allow}] * 3}
    assert batch.seconds == pytest.approx(OVERHEAD_SECONDS + 3 * WORK_SECONDS)


@pytest.mark.parametrize("body", [None, {"requests": 1}, {"requests": [{"url": "/users"}]}])
def test_a_batch_that_is_none_is_refused(body: Any) -> None:
    """With 400, not with an exception."""
    assert Api(FILES).respond(asked("POST", "/$batch", body)).status == 400


def found(*queries: str) -> list[tuple[list[tuple[str, int]], bool]]:
    """Path and line of the matches of each query, and whether there are more."""
    names = [f"q{number}" for number in range(len(queries))]
    text = "\n".join(f"{name}: search(query: ${name}, version: V2) {{ … }}" for name in names)
    body = {"query": text, "variables": dict(zip(names, queries, strict=True))}
    data = Search(FILES).respond(asked("POST", "/.api/graphql", body)).body["data"]
    return [
        (
            [
                (match["file"]["path"], line["lineNumber"])
                for match in data[name]["search"]["results"]["results"]
                for line in match["lineMatches"]
            ],
            data[name]["search"]["results"]["limitHit"],
        )
        for name in names
    ]


def test_a_query_finds_the_lines_with_all_of_its_words() -> None:
    """Whole words, in any order and case; several queries in one request; a bound on lines."""
    assert found("def async", "users", 'none"; --', "") == [
        ([("a.py", 1), ("notes.md", 1)], False),
        ([("a.py", 0), ("a.py", 1), ("a.py", 2), ("b.py", 1)], False),
        ([], False),
        ([], False),
    ]
    ((lines, is_limited),) = found("lines")
    assert (len(lines), is_limited) == (MOST_LINES, True)


@pytest.mark.parametrize("body", [None, {}, {"query": "q: search(query: $q)", "variables": {}}])
def test_what_is_not_understood_is_an_error_of_graphql(body: Any) -> None:
    """With 200, as Sourcegraph has it."""
    answer = Search(FILES).respond(asked("POST", "/.api/graphql", body))
    assert answer.status == 200
    assert "data" not in answer.body


def test_answers_repeat_and_their_repetitions_differ() -> None:
    """The n-th answer to a request is the same in every service with the same settings."""
    settings = ProviderSettings(rate_limit=0.3, server_error=0.2, hang=0.3, seed=4)

    def answers() -> list[Answer]:
        service = Service(settings, Api(FILES).respond)
        return [service.answer(asked("GET", "/users")) for _ in range(60)]

    first = answers()
    assert first == answers()
    assert {answer.status for answer in first} == {200, 429, 500, 504}
    assert len({answer.seconds for answer in first if answer.status == 200}) > 1
    assert {answer.headers.get("retry-after") for answer in first if answer.status == 429} == {
        "1", "2", "3",
    }  # fmt: skip


def test_a_service_limits_by_the_clock() -> None:
    """What is beyond the limit of a second is refused with a wait."""
    times = iter([0.0, 0.4, 0.5, 0.9, 1.1, 1.3])
    service = Service(ProviderSettings(), Api(FILES).respond)
    app = create_app(service, sleep=False, requests_per_second=2, clock=lambda: next(times))
    answers = [TestClient(app).get("/users") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429, 200, 429]
    assert answers[2].headers["retry-after"] == "1"


def test_services_are_served() -> None:
    """Over HTTP, with the latency declared."""
    with running_services({"api": 0}, FILES, ProviderSettings()) as addresses:
        answer = httpx.get(f"{addresses['api']}/users", trust_env=False)
    assert float(answer.headers["x-flagbench-elapsed-ms"]) > 0
    assert answer.json() == {"path": "/users"}
