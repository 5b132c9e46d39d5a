"""Answers of the provider, served afresh with a fixed seed: no cassette takes part."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flagbench.simulator.calibration.questions import (
    EXPERIMENT_ORDERS,
    PLURAL_REQUEST,
    SHIPPED_ORDERS,
    SIX,
    WITHOUT_LEVEL,
    Json,
    Orders,
    generate,
    recognise,
)
from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.crud.defects import View
from flagbench.simulator.crud.specification import shape_of
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

TRIALS = 100
"""Answers to each request, as in the experiment."""
_FENCE = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)


@dataclass(frozen=True)
class Samples:
    """Answers to the six requests, 100 each; `count_tokens` is the tokenizer's."""

    count_tokens: Callable[[str], int]

    @cached_property
    def shipped(self) -> list[View]:
        """Route modules under the orders of the shipped generator."""
        return [self._view(entity, x) for entity in SIX for x in self._texts(entity)]

    @cached_property
    def experiment(self) -> list[View]:
        """Route modules under the orders of the experiment's generator."""
        return [view for views in self.by_request for view in views]

    @cached_property
    def by_request(self) -> list[list[View]]:
        """The same by request."""
        return [
            [self._view(entity, text) for text in self._texts(entity, EXPERIMENT_ORDERS)]
            for entity in SIX
        ]

    @cached_property
    def other_files(self) -> list[View]:
        """Schemas, pages and tests under the orders of the shipped generator."""
        return [
            self._view(entity, text, kind)
            for kind in ("database", "frontend", "tests")
            for entity in SIX
            for text in self._texts(entity, SHIPPED_ORDERS, kind)
        ]

    @cached_property
    def raw(self) -> list[str]:
        """The answers behind `shipped`, with fence and prose."""
        return [text for entity in SIX for text in self._texts(entity)]

    @cached_property
    def lost(self) -> list[View]:
        """New versions of a file with `level`, where the specification does not name it."""
        current = self._view(SIX[2], self._texts(SIX[2])[0]).code
        bodies = generate("backend", WITHOUT_LEVEL, EXPERIMENT_ORDERS, current)
        return [self._view(SIX[5], text) for text in self._answers(bodies)]

    def recognised(self, orders: Orders) -> list[str]:
        """Readings of a request in the plural."""
        return self._answers(recognise(PLURAL_REQUEST, orders))

    def draws(self, count: int) -> list[Rng]:
        """Random numbers of calls, for latency."""
        return [Rng.of(0, {"call": number}, 1, 1) for number in range(count)]

    def _texts(
        self, entity: Json, orders: Orders = SHIPPED_ORDERS, kind: str = "backend"
    ) -> list[str]:
        return self._answers(generate(kind, entity, orders))

    def _answers(self, body: dict[str, Any]) -> list[str]:
        provider = SimulatedProvider(ProviderSettings(), self.count_tokens)
        answers = (provider.answer(body, trial=trial) for trial in range(1, TRIALS + 1))
        return [str(answer.body["choices"][0]["message"]["content"]) for answer in answers]

    def _view(self, entity: Json, text: str, kind: str = "backend") -> View:
        fence = _FENCE.search(text)
        return View.of(fence.group(1) if fence else text, kind, shape_of(entity))
