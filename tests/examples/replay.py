"""What a subject written by a test begins with, and the types of the fixtures that replay it."""

from collections.abc import Callable

from flagbench.series.series import MeasuredCell

HEAD = """
import asyncio
import openai
from tiny import File, Happened, Made

def ask(client, words, **more):
    messages = [{"role": "user", "content": words}]
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, **more)

HELLO = "Write Python: a function that says hello"
ADDS = "Write Python: a function that adds two numbers"
REVERSES = "Write Python: a function that reverses a text"

async def run(requests, flags, client, *, model, workdir, listener):
"""
FACTORS = "factors: {short: {env: TINY_SHORT}, parallel: {env: TINY_PARALLEL}}\n"

# The same with a sync subject in place of an async one.
SYNC_HEAD = HEAD.replace("async def", "def")
Replay = Callable[..., MeasuredCell]
Stopped = Callable[..., str]
