"""Subjects that wait, work, draw numbers, or reach past their client."""

import asyncio
import hashlib
import random
import subprocess
import sys
import time
import urllib.request
import uuid
from datetime import datetime

from odd_calls import Request, Subject, said, user

SLEPT_SECONDS = 5
# Longer than a thread must be blocked for before time passes. A case runs its subject often.
WORKED_SECONDS = 0.1
ADDRESS = "192.0.2.1"
CHILD = f"import urllib.request; urllib.request.urlopen('http://{ADDRESS}/', timeout=1)"


async def _retried(request: Request) -> str:
    client = request.client.with_options(max_retries=2)
    answer = await client.chat.completions.create(
        model=request.model, messages=[{"role": "user", "content": request.words}]
    )
    return said(answer)


@Subject
async def retried(request: Request) -> str:
    """A client that tries again."""
    return await _retried(request)


@Subject
async def stamped(request: Request) -> str:
    """Clocks and randomness in the prompt."""
    stamps = (datetime.now().isoformat(), time.time(), time.monotonic(), uuid.uuid4())
    drawn = random.random(), random.Random().random(), uuid.uuid1()  # noqa: S311  the case
    return said(await request.chat(user(f"{request.words} {stamps} {drawn}")))


@Subject
async def placed(request: Request) -> str:
    """The folder of the cell in the prompt."""
    return said(await request.chat(user(f"{request.words} Write to {request.workdir}/a.py")))


@Subject
async def same_six_times(request: Request) -> str:
    """The same message three times in a row and three times at once."""
    row = [said(await request.chat(user(request.words))) for _ in range(3)]
    at_once = await asyncio.gather(*(request.chat(user(request.words)) for _ in range(3)))
    return " | ".join([*row, *map(said, at_once)])


@Subject
async def sleeping(request: Request) -> str:
    """A sleep that blocks the loop."""
    time.sleep(SLEPT_SECONDS)
    return said(await request.chat(user(request.words)))


def _work() -> str:
    began, digest = time.thread_time(), b""
    while time.thread_time() - began < WORKED_SECONDS:
        digest = hashlib.pbkdf2_hmac("sha256", digest, b"", 1000)
    return "done"


@Subject
async def working(request: Request) -> str:
    """A thread that works, unless the flag is set."""
    done = "done" if request.is_short else await asyncio.to_thread(_work)
    return done + said(await request.chat(user(request.words)))


@Subject
async def child(request: Request) -> str:
    """A program that reaches for the network."""
    subprocess.run([sys.executable, "-c", CHILD], check=False, capture_output=True)
    return said(await request.chat(user(request.words)))


@Subject
async def elsewhere(request: Request) -> str:
    """A call past the client."""
    urllib.request.urlopen(f"http://{ADDRESS}/", timeout=1)
    return ""


@Subject
async def past_the_client(request: Request) -> str:
    """A call to the provider past the client."""
    urllib.request.urlopen(f"{request.client.base_url}models", timeout=1)  # noqa: S310  the case
    return ""
