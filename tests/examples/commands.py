"""Scenarios whose subject is a command, in a folder of their own, recorded from a real server."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from house import House

PYTHON = sys.executable
# A client without an SDK: what it asks is the text it is given.
ASK = """
import json, os, sys, time, urllib.request
def ask(text):
    body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]})
    headers = {"content-type": "application/json"}
    headers["authorization"] = "Bearer " + os.environ["OPENAI_API_KEY"]
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    asked = urllib.request.Request(url, body.encode(), headers)
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]
"""


def command_house(
    path: Path, program: str, *, subject: str = "", more: str = "", name: str = "tool.py"
) -> House:
    """A house whose tiny scenario is a command: a Python program, or other words as `subject`."""
    (path / "scenarios").mkdir(exist_ok=True)
    (path / "pyproject.toml").touch()
    (path / name).write_text(ASK + textwrap.dedent(program) if name == "tool.py" else program)
    house = House(path)
    house.write(
        "title: A command\nabout: A program of its own.\ntrials: 1\n"
        + (subject or f"subject:\n  command: ['{PYTHON}', '{{project}}/tool.py']\n")
        + (more or "requests: [a function that adds]\n")
    )
    return house


POOL = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool: list(pool.map(ask, "1.3 0.5 0.7 0.2 0.31 0.8".split()))
"""
NODE = """
const ask = async (text) => {
  const body = JSON.stringify({model: "gpt-4o-mini", messages: [{role: "user", content: text}]});
  const headers = {"content-type": "application/json"};
  const url = process.env.OPENAI_BASE_URL + "/chat/completions";
  return (await fetch(url, {method: "POST", headers, body})).json();
};
await ask("0.4");
await Promise.all([ask("0.9"), ask("0.3"), ask("0.6")]);
await ask("0.2");
"""
SHELL = r"""
ask() {
  body="{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"$1\"}]}"
  curl -s "$OPENAI_BASE_URL/chat/completions" -H 'content-type: application/json' \
    -d "$body" > /dev/null
}
ask 0.4; ask 0.3 & ask 0.7 & wait; sleep 0.25; ask 0.2
"""
GRANDCHILD = """
import subprocess
if len(sys.argv) > 1: print(ask(sys.argv[1]))
else:
    ask("0.2")
    running = [subprocess.Popen([sys.executable, __file__, text]) for text in ("0.5", "0.3")]
    for each in running: each.wait()
    ask("0.4")
"""
ASYNCIO = """
import asyncio
async def later():
    await asyncio.sleep(0.2)
    return await asyncio.to_thread(ask, "0.3")
async def main():
    await asyncio.gather(asyncio.to_thread(ask, "0.9"), later())
    try: await asyncio.wait_for(asyncio.sleep(5), 0.25)
    except asyncio.TimeoutError: pass
asyncio.run(main())
"""
WAITS = """
import queue, threading
from concurrent.futures import ThreadPoolExecutor, TimeoutError
assert not threading.Event().wait(0.5)
names = queue.Queue()
threading.Thread(target=lambda: (time.sleep(0.3), names.put("name"))).start()
assert names.get(timeout=1) == "name"
with ThreadPoolExecutor() as pool:
    late = pool.submit(ask, "0.9")
    try: late.result(timeout=0.4)
    except TimeoutError: ask("0.2")
"""
QUIET_CHILD = """
import select, subprocess
for _ in range(2):
    try: subprocess.run(["sleep", "60"], timeout=0.5, capture_output=True)
    except subprocess.TimeoutExpired: ask("0.1")
end = time.time() + 0.3
while time.time() < end: select.select([], [], [], 0.1)
"""
POLLED_CHILDREN = """
import subprocess, threading
WORK = "import time\\nend = time.process_time() + 0.15\\nwhile time.process_time() < end: pass"
working = [sys.executable, "-c", WORK]
class Spinner(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.end = threading.Event()
        self.start()
    def run(self):
        while not self.end.wait(0.1): pass
spinner = Spinner()
for _ in range(5): subprocess.run(["true"], timeout=60)
subprocess.run(working, timeout=60)
nested = ["sh", "-c", "(exec \\"$@\\"); true", "sh", *working]
subprocess.run(nested, timeout=60, capture_output=True)
child = subprocess.Popen(working)
while child.poll() is None: time.sleep(0.05)
spinner.end.set()
child = subprocess.Popen(["sleep", "0.32"])
while child.poll() is None: time.sleep(0.05)
"""
KEPT_CONNECTION = """
import http.client, threading, urllib.parse
place = urllib.parse.urlsplit(os.environ["OPENAI_BASE_URL"])
kept = http.client.HTTPConnection(place.netloc)
headers = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
headers["content-type"] = "application/json"
def spin(end):
    while not end.wait(0.02): pass
for text in ["0.1"] * 4:
    end = threading.Event()
    spinner = threading.Thread(target=spin, args=(end,)); spinner.start()
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}
    kept.request("POST", place.path + "/chat/completions", json.dumps(body), headers)
    json.load(kept.getresponse())
    end.set(); spinner.join()
"""
# A Python program, or the words of another program and its text.
PROGRAMS = {
    "row": ('ask("0.3"); ask("0.4"); ask("0.5")', None),
    "pool of threads": (POOL, None),
    "sleeps": ('ask("0.3"); time.sleep(0.5); ask("0.4")', None),
    "child of a child": (GRANDCHILD, None),
    "asyncio": (ASYNCIO, None),
    "waits of threads": (WAITS, None),
    "quiet child": (QUIET_CHILD, None),
    "polled children": (POLLED_CHILDREN, None),
    "kept connection": (KEPT_CONNECTION, None),
    "node": (NODE, ("node", "tool.mjs")),
    "shell and curl": (SHELL, ("bash", "tool.sh")),
}


def programmed_house(path: Path, name: str) -> House:
    """A house whose command is one of `PROGRAMS`."""
    text, other = PROGRAMS[name]
    if other is None:
        return command_house(path, text)
    subject = f"subject: {{command: [{other[0]}, '{{project}}/{other[1]}']}}\n"
    return command_house(path, text, name=other[1], subject=subject)


@contextmanager
def endless_loops(count: int = 2) -> Iterator[None]:
    """Programs that take all the CPU time there is."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
