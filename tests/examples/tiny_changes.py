"""The tiny subject with one change each, none of which sends another call."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import openai
import tiny
from tiny import Happened, Made


def _changed(change: Callable[..., Any]) -> Callable[..., Any]:
    """A subject with the tiny one's factors."""
    change.factors = tiny.write.factors  # type: ignore[attr-defined]
    return change


@_changed
async def other_score(*given: Any, listener: Callable[[Happened], None], **more: Any) -> Made:
    """The same decisions with a score."""

    def scored(event: Happened) -> None:
        listener(replace(event, fields={**event.fields, "score": 0.5}))

    return await tiny.write(*given, listener=scored, **more)


class _Late:
    """A client that sleeps before each call."""

    def __init__(self, client: openai.AsyncOpenAI, seconds: float) -> None:
        self.chat = self.completions = self
        self._create, self._seconds = client.chat.completions.create, seconds

    async def create(self, **call: Any) -> Any:
        await asyncio.sleep(self._seconds)
        return await self._create(**call)


@_changed
async def paused(requests: Any, flags: Any, client: Any, **more: Any) -> Made:
    """A second before each call."""
    return await tiny.write(requests, flags, _Late(client, 1.0), **more)


@_changed
async def slow_end(*given: Any, **more: Any) -> Made:
    """Five seconds after the last call."""
    made = await tiny.write(*given, **more)
    await asyncio.sleep(5)
    return made


@_changed
async def serial(requests: Any, flags: Mapping[str, str], *given: Any, **more: Any) -> Made:
    """Parallel in name only."""
    return await tiny.write(requests, {**flags, "TINY_PARALLEL": "false"}, *given, **more)


@_changed
async def lossy(*given: Any, **more: Any) -> Made:
    """The last line of each file is lost."""
    made = await tiny.write(*given, **more)
    files = [replace(file, text=file.text.rpartition("    return")[0]) for file in made.artifacts]
    return Made(files, made.rates)


@_changed
async def strict(*given: Any, **more: Any) -> Made:
    """The first file is rejected."""
    first, *others = (made := await tiny.write(*given, **more)).artifacts
    return Made([replace(first, approved=False), *others], made.rates)


@_changed
async def boasting(*given: Any, **more: Any) -> Made:
    """Another rate than it has, and a possible one."""
    made = await tiny.write(*given, **more)
    return Made(made.artifacts, {"short_rate": (2, 3)})


@dataclass(frozen=True)
class Claims(Made):
    """An outcome with totals."""

    reported: Mapping[str, float] = field(default_factory=dict)


def _claiming(**reported: float) -> Callable[..., Any]:
    async def subject(*given: Any, **more: Any) -> Made:
        made = await tiny.write(*given, **more)
        return Claims(made.artifacts, made.rates, reported)

    return _changed(subject)


true_totals = _claiming(calls=3, seconds=5.05)
half_the_time = _claiming(seconds=2.5)
two_calls = _claiming(calls=2)
half_the_tokens = _claiming(tokens=291)
unknown_total = _claiming(hits=1)


@dataclass(frozen=True)
class Scored(Made):
    """An outcome with numbers of its own."""

    metrics: Mapping[str, tuple[float, str, str]] = field(default_factory=dict)


def _scoring(long: float, short: float) -> Callable[..., Any]:
    async def subject(requests: Any, flags: Any, *given: Any, **more: Any) -> Made:
        made = await tiny.write(requests, flags, *given, **more)
        errors = short if flags["TINY_SHORT"] == "true" else long
        return Scored(made.artifacts, made.rates, {"lint_errors": (errors, "errors", "lower")})

    return _changed(subject)


linted = _scoring(5, 3)
linted_worse = _scoring(6, 3)
