"""The operations of the optimizer, async: each cached, bounded and measured."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from contextvars import ContextVar
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from flagbench_generators.optimizer import analysis, code_search, patterns
from flagbench_generators.optimizer.api_validation import Asked, asked_for, validate_all
from flagbench_generators.optimizer.cache import ResultCache, key_of
from flagbench_generators.optimizer.components import CodeComponent, IntegrationPattern
from flagbench_generators.optimizer.connections import Connections, Process
from flagbench_generators.optimizer.monitor import Monitor
from flagbench_generators.optimizer.rules import ANALYSIS, API, LAYERS, PATTERNS, SEARCH, rules
from flagbench_generators.optimizer.settings import OFF, Settings
from flagbench_generators.optimizer.workers import Workers

Compute = Callable[[list[Any]], Awaitable[Sequence[Any]]]
Result = dict[str, Any]
Components = Sequence[CodeComponent]
# Results depend on the rules of this version, and on the syntax of this Python.
_VERSIONS = (analysis.VERSION, patterns.VERSION, *sys.version_info[:2])
# The field that is None in a result that is not kept: it may be known the next time.
_KNOWN_BY = {ANALYSIS: "parses", PATTERNS: "results", API: "valid", SEARCH: "limit_hit"}
# True while an operation has an event loop of its own: nobody else can fill its batches.
is_alone = ContextVar("is_alone", default=False)


class Operations(Settings):
    """Four operations whose results are the same at every level and cache strategy.

    They may run at the same time, on one event loop: then they share connections, batches and the
    throttle. A rule `timeout` that is over raises `TimeoutError`.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        super().__init__()
        environment = os.environ if environment is None else environment
        self.read_environment(environment)
        token = environment.get("SRC_ACCESS_TOKEN", "")
        self._search_headers = {"authorization": f"token {token}"} if token else {}
        self.component_optimizers = rules()
        self.cache = ResultCache(self)
        self.counts: Counter[str] = self.cache.counts
        self.monitor = Monitor()
        self._connections = Connections(self, self.counts)
        # Called with an operation, the number of its items that are done, and of all.
        self.progress: Callable[[str, int, int], None] = lambda *_: None

    async def analyse_components(self, components: Components) -> list[CodeComponent]:
        """Copies of components with their `analysis`, see `analysis.analyse`, and `depends_on`."""
        async with self._operation(ANALYSIS, components):
            return await self.analysed(components)

    async def validate_patterns(
        self, components: Components, against: Sequence[IntegrationPattern]
    ) -> list[CodeComponent]:
        """Copies of components with their `analysis` and their `validation` against patterns.

        `valid` is None where nothing fails and something cannot be tested. Raises `ValueError` for
        two patterns of one name.
        """
        async with self._operation(PATTERNS, components):
            return await self.validated(components, against)

    async def validate_api(self, endpoints: Sequence[Mapping[str, Any]]) -> list[Result]:
        """Endpoints with `valid`, `status` and `reason`; None where the service gave no answer.

        Raises `ValueError` without `api_base_url`, and for an endpoint without a path.
        """
        async with self._operation(API, endpoints):
            verdicts = await self.verdicts([asked_for(endpoint) for endpoint in endpoints])
            return [{**each, **verdict} for each, verdict in zip(endpoints, verdicts, strict=True)]

    async def search_code(self, queries: Sequence[str]) -> list[Result]:
        """The matches of each query; `error` says why there are none.

        Raises `ValueError` without `search_url`.
        """
        async with self._operation(SEARCH, queries):
            url = _required(self.search_url, "search_url, or the variable SRC_ENDPOINT")
            ask = partial(self._asked, SEARCH, url, code_search.search, self._search_headers)
            keys = [key_of(SEARCH, url, self._search_headers, query) for query in queries]
            return await self._remembered(SEARCH, keys, queries, ask)

    async def analysed(self, components: Components) -> list[CodeComponent]:
        """As `analyse_components`, as a part of an operation."""
        analyses = list[Result]()
        with closing(Workers(self, self.component_optimizers, self.counts)) as workers:
            for texts in self._windows(ANALYSIS, components):
                analyses += await self._analyses(texts, workers)
        return _with_analyses(components, analyses)

    async def validated(
        self, components: Components, against: Sequence[IntegrationPattern]
    ) -> list[CodeComponent]:
        """As `validate_patterns`, as a part of an operation."""
        names = [pattern.name for pattern in against]
        if len(set(names)) < len(names):
            raise ValueError(f"patterns {', '.join(names)}; expected: different names")
        tested = [pattern for pattern in against if patterns.problem_of(pattern) is None]
        analyses, conclusions = list[Result](), list[Result]()
        with closing(Workers(self, self.component_optimizers, self.counts)) as workers:
            for texts in self._windows(PATTERNS, components):
                some = await self._analyses(texts, workers)
                done = await self._validations(some, texts, tested, workers)
                analyses += some
                conclusions += map(partial(patterns.conclusion, against), some, done)
        pairs = zip(_with_analyses(components, analyses), conclusions, strict=True)
        return [replace(component, validation=conclusion) for component, conclusion in pairs]

    async def verdicts(self, asked: Sequence[Asked]) -> list[Result]:
        """As `validate_api`, for methods and paths, as a part of an operation."""
        url = _required(self.api_base_url, "api_base_url, or the variable API_BASE_URL")
        ask = partial(self._asked, API, url, validate_all, {})
        return await self._remembered(API, [key_of(API, url, *pair) for pair in asked], asked, ask)

    @asynccontextmanager
    async def _operation(self, name: str, items: Sequence[Any]) -> AsyncIterator[None]:
        # The rule of validation in layers bounds each layer.
        seconds = None if name == LAYERS else self.component_optimizers[name]["timeout"]
        with self.monitor.measured(name, len(items), self):
            async with asyncio.timeout(seconds):
                yield

    def _windows(self, operation: str, components: Components) -> Iterator[list[str | Result]]:
        """The texts of components, so many at a time as memory may hold; or why there is none."""
        size = self.component_optimizers[operation]["batch_size"]
        size *= self.max_workers if self.uses_processes else 1
        for start in range(0, len(components), size):
            yield [_text(component) for component in components[start : start + size]]
            self.progress(operation, min(start + size, len(components)), len(components))

    async def _analyses(self, texts: Sequence[str | Result], workers: Workers) -> list[Result]:
        most = self.component_optimizers[ANALYSIS]["max_file_size"]
        keys = [key_of(ANALYSIS, *_VERSIONS, most, text) for text in texts]
        compute = partial(workers.compute, ANALYSIS, partial(analysis.analyse_all, most))
        return await self._remembered(ANALYSIS, keys, texts, compute)

    async def _validations(
        self, analyses: Sequence[Result], texts: Sequence[str | Result],
        tested: Sequence[IntegrationPattern], workers: Workers,
    ) -> list[Result]:  # fmt: skip
        held = [self.component_optimizers[ANALYSIS]["max_file_size"], *map(asdict, tested)]
        test = partial(patterns.validate_all, tested, self.early_termination)

        async def compute(pairs: list[Any]) -> list[Result]:
            answers = await workers.compute(PATTERNS, test, pairs)
            self.counts["checks"] += sum(answer.pop("checks") for answer in answers)
            return answers

        keys = [key_of(PATTERNS, *_VERSIONS, held, text) for text in texts]
        pairs = list(zip(analyses, texts, strict=True))
        return await self._remembered(PATTERNS, keys, pairs, compute)

    async def _asked(
        self, operation: str, url: str, process: Process, headers: Mapping[str, str],
        items: list[Any],
    ) -> list[Result]:  # fmt: skip
        done = 0

        async def answer(item: Any) -> Result:
            nonlocal done
            result: Result = await submit(item)
            done += 1
            self.progress(operation, done, len(items))
            return result

        async with self._connections.open(url, process, headers, is_alone=is_alone.get()) as submit:
            return await asyncio.gather(*map(answer, items))

    async def _remembered(
        self, operation: str, keys: Sequence[str], inputs: Sequence[Any], compute: Compute
    ) -> list[Result]:
        """The results of inputs by their keys, computed once each where the cache has none."""
        distinct = dict(zip(keys, inputs, strict=True))
        ttl = self.component_optimizers[operation]["cache_ttl"]
        known = self.cache.get_many(list(distinct), ttl)
        if self.cache_strategy != OFF:
            self.counts[f"{operation} lookups"] += len(distinct)
            self.counts[f"{operation} hits"] += len(known)
        missing = [key for key in distinct if key not in known]
        if missing:
            made = await compute([distinct[key] for key in missing])
            self.counts[f"{operation} computed"] += len(missing)
            known |= zip(missing, made, strict=True)
            final = {key: known[key] for key in missing
                     if known[key][_KNOWN_BY[operation]] is not None}  # fmt: skip
            self.cache.put_many(final, ttl)
        return [known[key] for key in keys]


def _required(url: str, name: str) -> str:
    if not url:
        raise ValueError(f"the address of the service is unknown; expected: {name}")
    return url


def _text(component: CodeComponent) -> str | Result:
    """The text of a component, or the analysis of one that cannot be read."""
    try:
        return component.source()
    except OSError as error:
        return analysis.nothing("", None, f"{type(error).__name__}: {error.strerror}")
    except (SyntaxError, UnicodeError) as error:  # of its encoding
        return analysis.nothing("", False, str(error))


def _with_analyses(components: Components, analyses: Sequence[Result]) -> list[CodeComponent]:
    needs = analysis.dependencies([component.name for component in components], analyses)
    return [
        replace(component, analysis={**found, "depends_on": names})
        for component, found, names in zip(components, analyses, needs, strict=True)
    ]
