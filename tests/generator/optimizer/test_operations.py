"""The five operations: one answer at every level and cache, and the work that they save."""

import asyncio
import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from optimizer_services import Services

from flagbench_generators.optimizer import (
    CodeComponent,
    IntegrationPattern,
    PerformanceOptimizer,
    http_service,
    patterns,
)
from flagbench_generators.optimizer.components import DEFAULT_PATTERNS

SOURCES = {
    "app.users": """
from fastapi import APIRouter
import app.store

router = APIRouter()


@router.get("/api/v1/users")
def users():
    \"\"\"All.\"\"\"
    return app.store.load()
""",
    "app.store": "def load():\n    password = 'secret'\n    return '\\d' if password else None\n",
    "app.broken": "def nothing(:\n",
    "app.latin": "# coding: latin-1\nNAME = 'é'\n",
    "app.wrong": "# coding: nonsense\n",
}
UNTESTABLE = IntegrationPattern("untestable", "", (("no such requirement", 1),))
ENDPOINTS = [
    {"endpoint": "/api/v1/users", "method": "GET", "owner": "a"},
    {"endpoint": "/api/v1/posts", "method": "POST"},
    {"endpoint": "/api/v1/nothing"},
    {"endpoint": "/api/v1/users", "method": "POST", "owner": "b"},
    {"endpoint": "/api/v1/users", "method": "get"},
]
QUERIES = ["python async patterns", "javascript promises", "python async patterns"]


@pytest.fixture
def components(tmp_path: Path) -> list[CodeComponent]:
    """Files of a folder, and a file that is not there."""
    for name, text in SOURCES.items():
        path = tmp_path / "my source" / Path(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="latin-1")
    found = CodeComponent.of_folder(tmp_path / "my source")
    assert sorted(component.name for component in found) == sorted(SOURCES)
    return [*found, CodeComponent("app.gone", str(tmp_path / "gone.py"))]


def answers(optimizer: PerformanceOptimizer, components: list[CodeComponent]) -> dict[str, Any]:
    """The results of all operations, by name."""
    patterns = [*DEFAULT_PATTERNS, UNTESTABLE]
    whole = [component for component in components if component.name in ("app.users", "app.store")]
    return {
        "analysis": list(map(asdict, optimizer.optimize_component_analysis(components))),
        "patterns": list(map(asdict, optimizer.optimize_pattern_validation(components, patterns))),
        "api": optimizer.optimize_api_validation(ENDPOINTS),
        "search": optimizer.optimize_sourcegraph_search(QUERIES),
        "layers": optimizer.optimize_multi_layer_validation(components, patterns),
        "layers of what parses": optimizer.optimize_multi_layer_validation(whole, DEFAULT_PATTERNS),
    }


def test_one_answer_at_every_level_and_cache(make, services, components) -> None:
    """Cold and warm, in processes and without, alone and in batches, a service that refuses."""
    plain = answers(make(services, OPTIMIZATION_LEVEL="basic", CACHE_STRATEGY="off"), components)
    json.dumps(plain, allow_nan=False)
    levels, caches = ("basic", "moderate", "aggressive"), ("off", "memory", "disk", "hybrid")
    for number, (level, cache) in enumerate(itertools.product(levels, caches)):
        optimizer = make(services, OPTIMIZATION_LEVEL=level, CACHE_STRATEGY=cache,
                         BATCH_SIZE="2", OPTIMIZATION_MAX_WORKERS="2")  # fmt: skip
        services.has_batches = number % 2 == 0
        optimizer.component_optimizers.update({"component_analysis": {"batch_size": 3}})
        optimizer.clear_cache()
        for attempt in ("cold", "warm"):
            services.faults[:] = [429, 503]
            assert answers(optimizer, components) == plain, (level, cache, attempt)


def test_processes_compute_what_this_process_does(make, components) -> None:
    """From the threshold on; a warning is not needed."""
    plain = make(CACHE_STRATEGY="off").optimize_component_analysis(components)
    optimizer = make(CACHE_STRATEGY="off", OPTIMIZATION_LEVEL="aggressive")
    optimizer.max_workers = 2
    optimizer.component_optimizers["component_analysis"] = {"parallel_threshold": 2}
    assert optimizer.optimize_component_analysis(components) == plain
    assert optimizer.counts["pooled"] == len(components)
    assert optimizer.counts["pool_failed"] == 0


def test_the_answers_are_right(make, services, components) -> None:
    """Of each operation, held against what is in the files and services."""
    found = answers(make(services), components)
    analysis = {item["name"]: item["analysis"] for item in found["analysis"]}
    assert analysis["app.users"]["depends_on"] == ["app.store"]
    assert analysis["app.users"]["routes"] == [["GET", "/api/v1/users"]]
    parses = {name: part["parses"] for name, part in analysis.items()}
    assert parses == {"app.users": True, "app.store": True, "app.latin": True,
                      "app.broken": False, "app.wrong": False, "app.gone": None}  # fmt: skip
    validation = {item["name"]: item["validation"] for item in found["patterns"]}
    assert validation["app.users"]["valid"] is None
    assert "no such requirement" in validation["app.users"]["untested"]["untestable"]
    assert validation["app.store"]["results"]["no secrets"] == "matches_none_of"
    assert validation["app.store"]["valid"] is False
    assert validation["app.gone"] == {
        "valid": None, "results": {},
        "untested": dict.fromkeys([p.name for p in DEFAULT_PATTERNS] + ["untestable"],
                                  "FileNotFoundError: No such file or directory"),
    }  # fmt: skip
    assert [(item["valid"], item["status"], item.get("owner")) for item in found["api"]] == [
        (True, 200, "a"), (False, 200, None), (False, 404, None), (True, 200, "b"),
        (True, 200, None),
    ]  # fmt: skip
    assert found["api"][1]["reason"] == "POST is not allowed"
    match = {"repository": "shop", "path": "orders.py", "line": 3, "preview": "async def"}
    assert [item["matches"] for item in found["search"]] == [[match], [], [match]]
    assert found["layers"]["verdict"] == "rejected"


def test_requests_are_made_once_each_and_in_batches(make, services) -> None:
    """Four different endpoints in batches of three, two different queries in one."""
    optimizer = make(services, BATCH_SIZE="3")
    optimizer.optimize_api_validation(ENDPOINTS)
    optimizer.optimize_sourcegraph_search(QUERIES)
    asked = [len(body["requests"]) for _, path, body in services.came if path == "/$batch"]
    assert asked == [3]
    assert len(services.came) == 3  # the fourth endpoint alone, and the search
    optimizer.optimize_api_validation(ENDPOINTS)
    optimizer.optimize_sourcegraph_search(QUERIES)
    assert len(services.came) == 3


def test_a_service_without_batches_is_asked_for_them_once(make, services) -> None:
    """Later endpoints are requests of their own at once."""
    services.has_batches = False
    optimizer = make(services)
    for numbers in (range(3), range(3, 6)):
        optimizer.optimize_api_validation([{"endpoint": f"/{number}"} for number in numbers])
    assert [path for _, path, _ in services.came].count("/$batch") == 1
    assert len(services.came) == 7


def test_parts_of_a_batch_that_have_no_answer_are_asked_for_alone(make, services) -> None:
    """Limits and failures of a part are not its verdict."""
    services.part_faults[:] = [429, 503]
    found = make(services).optimize_api_validation(ENDPOINTS[:3])
    assert [item["valid"] for item in found] == [True, False, False]
    asked = [(method, path) for method, path, _ in services.came]
    # Both at once: the service may hear them in any order.
    assert asked[:1] == [("POST", "/$batch")]
    assert sorted(asked[1:]) == [("GET", "/api/v1/users"), ("OPTIONS", "/api/v1/posts")]


@pytest.mark.parametrize(
    ("text", "early", "checks", "failed"),
    [("N = 1", "true", 1, "lines_at_most"), ("N = 1", "false", 3, "lines_at_most"),
     ("def (", "true", 0, "parses"), ("def (", "false", 0, "parses")],
)  # fmt: skip
def test_early_termination_saves_tests(
    make, monkeypatch, text: str, early: str, checks: int, failed: str
) -> None:
    """What is counted is what ran; without a syntax tree there is nothing to test."""
    ran, optimizer = list[str](), make(EARLY_TERMINATION=early)

    def heard(kind: str, test: patterns.Test) -> patterns.Test:
        return lambda *arguments: ran.append(kind) or test(*arguments)

    tests = {kind: (types, heard(kind, test)) for kind, (types, test) in patterns.TESTS.items()}
    monkeypatch.setattr(patterns, "TESTS", tests)
    pattern = IntegrationPattern(
        "p", requires=(("lines_at_most", 0), ("has_routes", True), ("complexity_at_most", 5))
    )
    (found,) = optimizer.optimize_pattern_validation([CodeComponent("a", text=text)], [pattern])
    assert found.validation["results"] == {"p": failed}
    assert optimizer.counts["checks"] == len(ran) == checks


def test_concurrent_calls_share_a_batch(make, services) -> None:
    """Two calls on one loop fill a batch, long before its wait is over."""
    optimizer = make(services, BATCH_SIZE="2", MAX_BATCH_WAIT_TIME="60")

    async def both() -> list[list[dict[str, Any]]]:
        return await asyncio.gather(*(optimizer.validate_api([item]) for item in ENDPOINTS[:2]))

    assert [item[0]["valid"] for item in asyncio.run(both())] == [True, False]
    assert optimizer._connections._open == {}
    assert [path for _, path, _ in services.came] == ["/$batch"]


def test_results_of_a_search_are_those_of_a_token(make, services) -> None:
    """Another token, and none, ask again; the token is not in the cache."""
    for token in ("secret", "", "other", "secret"):
        optimizer = make(services, SRC_ACCESS_TOKEN=token)
        optimizer.optimize_sourcegraph_search(QUERIES)
    assert services.tokens == ["token secret", "", "token other"]
    assert b"secret" not in optimizer.cache.path.read_bytes()


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [(403, None, "status 403"), (200, {"errors": [{"message": "timeout"}]}, "timeout"),
     (200, [], "not an answer")],
)  # fmt: skip
def test_an_answer_with_errors_is_not_a_search_without_matches(
    make, services, status: int, answer: Any, told: str
) -> None:
    """It is an error with what the service says, and is not kept; data beside it does not count."""
    optimizer = make(services)
    services.search_status, services.search_answer = status, answer
    for found in optimizer.optimize_sourcegraph_search(QUERIES):
        assert (found["matches"], found["limit_hit"]) == ([], None)
        assert told in found["error"]
    services.search_status, services.search_answer = 200, None
    assert optimizer.optimize_sourcegraph_search(QUERIES)[0]["error"] is None


def test_without_an_answer_the_result_is_unknown_and_is_not_kept(make, services) -> None:
    """The next call asks again, and gets one."""
    optimizer = make(services, CACHE_STRATEGY="hybrid")
    services.faults[:] = [500] * 5 + [429] * 20
    assert optimizer.optimize_api_validation(ENDPOINTS[:1])[0]["valid"] is None
    failed = optimizer.optimize_sourcegraph_search(QUERIES[:1])[0]
    assert (failed["matches"], failed["limit_hit"]) == ([], None)
    assert failed["error"] == "POST /.api/graphql: status 429 in 20 attempts"
    assert (optimizer.counts["requests"], optimizer.counts["limited"]) == (25, 20)
    assert optimizer.optimize_api_validation(ENDPOINTS[:1])[0]["valid"] is True
    assert optimizer.optimize_sourcegraph_search(QUERIES[:1])[0]["error"] is None


@pytest.mark.parametrize(
    ("after", "valid", "requests"), [("0", True, 2), ("soon", True, 2), ("3600", None, 1)]
)
def test_a_service_may_say_when_to_ask_again(make, services, after, valid, requests) -> None:
    """An hour is not waited for: the answer is unknown, with the reason."""
    services.faults[:], services.retry_after = [429], after
    (found,) = make(services).optimize_api_validation(ENDPOINTS[:1])
    assert (found["valid"], len(services.came)) == (valid, requests)
    assert valid or found["reason"].endswith("status 429, to be asked in 3600 s")


@pytest.mark.parametrize(
    ("faults", "after", "requests", "retries", "limited"),
    [([429], "3600", 1, 0, 1), ([429] * 20, "", 20, 19, 20), ([503], "3600", 1, 0, 0),
     ([500] * 5, "", 9, 4, 0), ([500, 429], "", 3, 2, 1)],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["api_validation", "sourcegraph_search"])
def test_a_batch_is_split_where_its_parts_may_fare_better(
    make, services, operation: str, faults: list[int], after: str, requests: int, retries: int,
    limited: int,
) -> None:  # fmt: skip
    """Not where the service will not be asked, or has refused for good; and at once."""
    services.faults[:], services.retry_after, services.delay_seconds = faults, after, 0.02
    optimizer = make(services, CACHE_STRATEGY="off")
    items = [{"endpoint": f"/{name}"} for name in "abcd"]
    asked = list("abcd") if operation == "sourcegraph_search" else items
    found = getattr(optimizer, f"optimize_{operation}")(asked)
    counts = optimizer.counts
    assert (counts["requests"], counts["retries"], counts["limited"]) == (
        requests,
        retries,
        limited,
    )
    is_known = [item.get("valid") is not None or item.get("limit_hit") is not None
                for item in found]  # fmt: skip
    assert is_known == [requests not in (1, 20)] * 4
    assert (services.most_at_once > 1) is (requests == 9)


@pytest.mark.parametrize("cache", ["memory", "disk", "hybrid"])
def test_a_file_that_changed_is_analysed_again(make, tmp_path, cache) -> None:
    """The same size and the same time do not hide a change."""
    path = tmp_path / "a.py"
    component, optimizer = CodeComponent("a", str(path)), make(CACHE_STRATEGY=cache)
    for text in ("import b\n", "import c\n"):
        path.write_text(text)
        __import__("os").utime(path, (0, 0))
        (found,) = optimizer.optimize_component_analysis([component])
        assert found.analysis["imports"] == [text.split()[1]]


def test_a_loop_that_runs_does_not_hinder_the_synchronous_door(make, components) -> None:
    """As the guide calls it from its coroutines."""

    async def within() -> list[CodeComponent]:
        return make().optimize_component_analysis(components)

    assert asyncio.run(within()) == make().optimize_component_analysis(components)


@pytest.mark.parametrize(
    ("call", "told"),
    [(lambda made: made.optimize_api_validation([{"endpoint": "/"}]), "API_BASE_URL"),
     (lambda made: made.optimize_sourcegraph_search(["a"]), "SRC_ENDPOINT"),
     (lambda made: made.optimize_pattern_validation([], [UNTESTABLE] * 2), "different names"),
     (lambda made: made.optimize_multi_layer_validation([], [UNTESTABLE] * 2), "different names")],
)  # fmt: skip
def test_what_cannot_be_done_is_an_error(make, call, told) -> None:
    """With what is missing."""
    with pytest.raises(ValueError, match=told):
        call(make())


@pytest.mark.parametrize(("size", "requests"), [("1", 1), ("2", 0)])
def test_an_operation_that_takes_too_long_ends(
    make, monkeypatch, services: Services, size: str, requests: int
) -> None:
    """By the rule of its component: it counts as a failure, and nothing goes on or waits."""
    monkeypatch.setattr(http_service, "FIRST_PAUSE_SECONDS", 60)
    services.delay_seconds = 0.5
    optimizer = make(services, MAX_BATCH_WAIT_TIME="60", BATCH_SIZE=size)
    optimizer.component_optimizers["api_validation"] = {"timeout": 0.2}

    async def late() -> None:
        with pytest.raises(TimeoutError):
            await optimizer.validate_api(ENDPOINTS[:1])
        await asyncio.sleep(0.01)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(late())
    assert optimizer.get_performance_report()["summary"]["failures"] == 1
    assert len(services.came) == requests
    assert optimizer._connections._open == {}
