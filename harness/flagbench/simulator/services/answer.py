"""Answers of a simulated service, with the latency and the failures that are drawn for each."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flagbench.headers import ELAPSED
from flagbench.simulator.latency import BODY_SIGMA, GATEWAY_SECONDS, error_seconds
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

_RETRY_AFTER_SECONDS = (1, 3)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the path without its host, the body as bytes."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and the seconds that it takes before anything is drawn."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def content(self) -> bytes:
        """The body as JSON; nothing for None."""
        return b"" if self.body is None else json.dumps(self.body).encode()


class Service:
    """A service that answers by `respond`, limited and failing as often as the settings say.

    The numbers of an answer are drawn from the request and its occurrence since the start, so that
    a recording repeats bit for bit, and its trials differ.
    """

    def __init__(self, settings: ProviderSettings, respond: Callable[[Asked], Answer]) -> None:
        self._settings = settings
        self._respond = respond
        self._occurrences = Counter[str]()

    def answer(self, asked: Asked) -> Answer:
        """The answer to a request, with its latency in `ELAPSED`."""
        key = {
            "method": asked.method, "path": asked.path, "body": sha256(asked.body).hexdigest()
        }  # fmt: skip
        name = json.dumps(key)
        self._occurrences[name] += 1
        draws = Rng.of(self._settings.seed, key, 1, self._occurrences[name])
        answer = self._failure(draws) or self._answered(asked, draws)
        elapsed_ms = answer.seconds * self._settings.latency_scale * 1000.0
        return Answer(
            answer.status, answer.body, {**answer.headers, ELAPSED: f"{elapsed_ms:.3f}"},
            elapsed_ms / 1000.0,
        )  # fmt: skip

    def _answered(self, asked: Asked, draws: Rng) -> Answer:
        answer = self._respond(asked)
        seconds = answer.seconds * math.exp(BODY_SIGMA * draws.normal("service.latency"))
        return Answer(answer.status, answer.body, answer.headers, seconds)

    def _failure(self, draws: Rng) -> Answer | None:
        if draws.chance("service.limit", self._settings.rate_limit):
            wait = draws.integer("service.wait", *_RETRY_AFTER_SECONDS)
            return limited(wait, error_seconds(draws))
        if draws.chance("service.error", self._settings.server_error):
            return Answer(500, {"error": "internal error"}, {}, error_seconds(draws))
        if draws.chance("service.hang", self._settings.hang):
            return Answer(504, {"error": "gateway timeout"}, {}, GATEWAY_SECONDS)
        return None


def limited(wait_seconds: int, seconds: float = 0.0) -> Answer:
    """The refusal of a service that limits."""
    headers = {"retry-after": str(wait_seconds)}
    return Answer(429, {"error": "too many requests"}, headers, seconds)
