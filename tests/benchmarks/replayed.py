"""What the benchmarks measure on: a subject that only calls, and cassettes of any length."""

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.scenario import designs
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED, ProviderSettings

PROMPT = "Write the routes of an entity with these attributes. " * 85  # about 4.5 kB
ANSWER = "def read(connection, row_id):\n    return connection.execute(row_id)\n" * 43  # about 3 kB


@dataclass(frozen=True)
class Made:
    """The outcome of a subject that makes nothing."""

    artifacts: Sequence[Any]
    rates: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Benchmark(Scenario):
    """A scenario without flags whose subject is this function."""

    function: Callable[..., Any] | None = None

    @property
    def tested(self) -> Callable[..., Any]:
        """The subject."""
        assert self.function is not None
        return self.function


def scenario_of(function: Callable[..., Any]) -> Scenario:
    """A scenario of one cell."""
    none = designs.combine((), {})
    return Benchmark(
        path=Path("bench.yaml"), name="bench", title="", about="", subject="", requests=("",),
        model="gpt-4o-mini", provider=SIMULATED, settings=ProviderSettings(), trials=1, factors=(),
        combinations=(none,), targets={}, marks=(), function=function,
    )  # fmt: skip


def caller(calls: range) -> Callable[..., Any]:
    """A subject that makes these calls, one after the other, and nothing else."""

    async def subject(requests: Any, flags: Any, client: Any, *, model: str, **_: Any) -> Made:
        for number in calls:
            await client.chat.completions.create(model=model, messages=messages(number))
        return Made((), {})

    return subject


def messages(number: int) -> list[dict[str, str]]:
    """The prompt of a call."""
    return [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": f"Entity number {number}"},
    ]


def answer(number: int) -> bytes:
    """The recorded answer of a call."""
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": f"# {number}\n{ANSWER}"},
    }
    usage = {"prompt_tokens": 900, "completion_tokens": 800, "total_tokens": 1700}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini"}
    return json.dumps({**body, "choices": [choice], "usage": usage}).encode()


def cassette(length: int) -> Cassette:
    """A cassette of so many different calls."""
    return Cassette.of(
        Path("bench.yaml"),
        {},
        [
            Interaction(
                method="POST",
                path="/v1/chat/completions",
                request_body=json.dumps(
                    {"messages": messages(number), "model": "gpt-4o-mini"}
                ).encode(),
                status=200,
                reason="OK",
                headers={"content-type": ("application/json",)},
                response_body=answer(number),
                elapsed_seconds=10.0,
            )
            for number in range(length)
        ],
    )


def ratio_of(
    first: Callable[[], object], second: Callable[[], object], *, rounds: int = 15
) -> float:
    """CPU time of `first` over that of `second`: the median over rounds that alternate the two."""

    def cpu_seconds(run: Callable[[], object]) -> float:
        started = time.process_time()
        run()
        return time.process_time() - started

    for run in (first, second):
        run()
    return statistics.median(cpu_seconds(first) / cpu_seconds(second) for _ in range(rounds))
