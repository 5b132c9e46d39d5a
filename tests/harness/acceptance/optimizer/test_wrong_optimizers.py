"""Optimizers with a mistake each, run against the services and refuted by the check for it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from house import House

from flagbench.acceptance.optimizer.judge import CHECKS
from flagbench.scenario import designs
from flagbench.simulator.services.server import running_services
from flagbench.simulator.settings import ProviderSettings
from flagbench.subject_loading import load
from flagbench_generators.optimizer import analysis, cache, operations, patterns
from flagbench_generators.optimizer.batcher import Batcher
from flagbench_generators.optimizer.cache import ResultCache
from flagbench_generators.optimizer.operations import Operations
from flagbench_generators.optimizer.throttle import Throttle

WORK = """\
repository: {files: 10, seed: 1}
operations: [component_analysis, pattern_validation, api_validation, sourcegraph_search]
endpoints: [{endpoint: /api/v1/user}, {endpoint: /api/v1/user, method: PUT}, {endpoint: /none}]
queries: [async def, import json, password]
patterns:
  documented: {requires: [[documented_share_at_least, 0.5]]}
  small: {requires: [[lines_at_most, 10]]}
settings: {max_requests_per_second: 2, batch_size: 2, cache_size: 4, cache_ttl: 50}
"""
CHANGED = (
    WORK
    + """\
starts_after_seconds: 10
edits: {assembly/user/report.py: "\\nfrom . import storage\\n\\nLAST = 1\\n"}
"""
)
DAMAGED = WORK + "starts_after_seconds: 10\ndamaged_entries: 2\n"
LATER = WORK + "starts_after_seconds: 60\n"
ON = "cache=hybrid+parallel+throttling+early_termination"


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """The services over the repository of the work."""
    files = load("optimizer").scaffold([WORK])  # type: ignore[attr-defined]
    with running_services({"api": 0, "search": 0}, files, ProviderSettings()) as found:
        yield found


@pytest.fixture
def refuted(empty_house: House, addresses: dict[str, str]) -> Callable[..., list[str]]:
    """The checks that works fail, one after the other, under a combination."""

    def run(*works: str, on: str = ON) -> list[str]:
        for number, work in enumerate(works):
            empty_house.write(work, f"{number}.job")
        jobs = ", ".join(f"{{file: {number}.job}}" for number in range(len(works)))
        empty_house.write(
            "title: Work\nabout: A test.\nsubject: optimizer\ntrials: 1\n"
            f"requests: [{jobs}]\ndesign: named\ncombinations: ['{on}']\n"
            "acceptance: optimizer-work\nservices:\n"
            f"  api: {{base_url: '{addresses['api']}', env: API_BASE_URL, headers: [Allow]}}\n"
            f"  search: {{base_url: '{addresses['search']}', env: SRC_ENDPOINT}}\n"
        )
        scenario = empty_house.scenario
        empty_house.record("http://127.0.0.1:9/v1")
        combination = designs.parse(on, scenario.factors)
        cell = empty_house.runner().cell_runner.cell(scenario, combination, 1)
        assert cell.measurement.rates["acceptance_rate"].whole == len(works)
        return [each.check for each in cell.measurement.refuted]

    return run


@pytest.mark.parametrize("on", [ON, f"{ON}+batching", "none", "level=aggressive"])
def test_the_optimizer_is_accepted(refuted: Callable[..., list[str]], on: str) -> None:
    """With a changed file, damaged entries and entries that are too old."""
    assert refuted(WORK, CHANGED, DAMAGED, LATER, on=on) == []


def _beginning_alone(operation: str, *arguments: Any) -> str:
    *others, text = arguments
    is_file = isinstance(text, str) and len(text) > 300
    return cache.key_of(operation, *others, text[:300] if is_file else text)


class _OneMore:
    """Settings with limits that are too high by one."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> Any:
        is_limit = name in ("max_requests_per_second", "cache_size")
        return getattr(self._settings, name) + is_limit


START, VALIDATE = Throttle.__init__, patterns.validate
DEPENDENCIES, RUN = analysis.dependencies, Batcher._run
REMEMBER, REMEMBERED = ResultCache._remember, Operations._remembered


async def _without_the_last(self: Any, batch: Any) -> None:
    await RUN(self, [("async def" if item == "password" else item, done) for item, done in batch])


def _one_too_many(self: Any, entries: Any) -> None:
    own, self._settings = self._settings, _OneMore(self._settings)
    REMEMBER(self, entries)
    self._settings = own


def _up_to_the_first_failure(tested: Any, *component: Any, stops_early: bool) -> Any:
    answer = VALIDATE(tested, *component, stops_early=stops_early)
    names = list(answer["results"])
    failed = [name for name in names if answer["results"][name]]
    kept = names[: names.index(failed[0]) + 1] if failed and stops_early else names
    return {**answer, "results": {name: answer["results"][name] for name in kept}}


def _of_absolute_imports(names: Any, found: Any) -> Any:
    some = [{"imports": [name for name in each.get("imports", ()) if name[0] != "."]}
            for each in found]  # fmt: skip
    return DEPENDENCIES(names, some)


async def _twice(self: Any, operation: str, *arguments: Any) -> Any:
    found = await REMEMBERED(self, operation, *arguments)
    if operation == "api_validation":
        self.cache.clear()
        found = await REMEMBERED(self, operation, *arguments)
    return found


# Mistake -> what is replaced by what, the works, the check that they fail.
WRONG: dict[str, tuple[Any, str, Any, tuple[str, ...], list[str]]] = {
    "a changed file is not seen": (
        operations, "key_of", _beginning_alone, (WORK, CHANGED), ["stale"]
    ),
    "nothing gets too old": (
        ResultCache, "_is_valid", staticmethod(lambda *_: True), (WORK, LATER), ["stale"]
    ),
    "a damaged entry is used": (cache, "_digest", lambda *_: "", (WORK, DAMAGED), ["damaged"]),
    "the last batch is lost": (
        Batcher, "_run", _without_the_last, (WORK,), ["complete"]
    ),
    "one request too many in a second": (
        Throttle, "__init__", lambda self, settings: START(self, _OneMore(settings)), (WORK,),
        ["spacing"],
    ),
    "a relative import is not seen": (
        analysis, "dependencies", _of_absolute_imports, (WORK, CHANGED), ["results"]
    ),
    "early termination changes an answer": (
        patterns, "validate", _up_to_the_first_failure, (WORK,), ["results"]
    ),
    "memory grows": (ResultCache, "_shrink", lambda _: None, (WORK,), ["memory"]),
    "memory grows meanwhile": (ResultCache, "_remember", _one_too_many, (WORK,), ["memory"]),
    "answers are asked for again": (Operations, "_remembered", _twice, (WORK,), ["requests"]),
}  # fmt: skip


def test_the_document_has_a_row_for_each_check_but_that_results_can_be_read() -> None:
    """With its mistake."""
    text = (Path(__file__).parents[4] / "docs/optimizer.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|\n]+ \| [^|\n]+ \|$", text, re.MULTILINE)
    assert [row for row in rows if row in CHECKS] == [*CHECKS[1:]]


@pytest.mark.parametrize(("place", "name", "wrong", "works", "fails"), WRONG.values(), ids=WRONG)
def test_a_wrong_optimizer_is_refuted(
    refuted: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, place: Any, name: str,
    wrong: Any, works: tuple[str, ...], fails: list[str],
) -> None:  # fmt: skip
    """By the check that is about its mistake, and by no other."""
    monkeypatch.setattr(place, name, wrong)
    assert refuted(*works) == fails
