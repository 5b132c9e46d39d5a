"""A subject of twenty lines: what the harness must be able to benchmark without knowing it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai


@dataclass(frozen=True)
class Switch:
    """A factor, in the shape that the harness reads."""

    name: str
    env: str
    levels: tuple[str, ...] = ("false", "true")
    doc: str = ""
    default: str = "false"


@dataclass(frozen=True)
class Happened:
    """An event."""

    name: str
    request_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """An artifact."""

    kind: str
    path: str
    text: str
    approved: bool
    request_id: str


@dataclass(frozen=True)
class Made:
    """An outcome."""

    artifacts: Sequence[File]
    rates: Mapping[str, tuple[int, int]]


async def write(
    requests: Sequence[str],
    flags: Mapping[str, str],
    client: openai.AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Callable[[Happened], None],
) -> Made:
    """Ask once per request; `TINY_SHORT` shortens the prompt, `TINY_PARALLEL` asks all at once."""
    on = {name for name, level in flags.items() if level == "true"}
    padding = "" if "TINY_SHORT" in on else "Take your time. " * 40

    async def one(number: int, words: str) -> File:
        identity = f"tiny-{number}"
        for _ in range(4):
            try:
                answer = await client.chat.completions.create(
                    model=model,
                    messages=[{"role": "user", "content": f"{padding}Write Python: {words}"}],
                    extra_headers={
                        "X-Agent": "writer",
                        "X-Phase": "generate",
                        "X-Client-Request-Id": identity,
                    },
                )
                break
            except openai.APIError as error:
                listener(Happened("retry", identity, {"reason": type(error).__name__}))
                await asyncio.sleep(2)
        else:
            return File("code", f"{number}.py", "", approved=False, request_id=identity)
        text = answer.choices[0].message.content or ""
        listener(Happened("written", identity))
        return File("code", f"{number}.py", text, approved=bool(text), request_id=identity)

    if "TINY_PARALLEL" in on:
        jobs = [one(number, words) for number, words in enumerate(requests)]
        files = list(await asyncio.gather(*jobs))
    else:
        files = [await one(number, words) for number, words in enumerate(requests)]
    return Made(files, {"short_rate": (len(files) if "TINY_SHORT" in on else 0, len(files))})


write.factors = (Switch("short", "TINY_SHORT"), Switch("parallel", "TINY_PARALLEL"))
