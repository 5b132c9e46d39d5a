"""Scenarios whose subject is a command, in a folder of their own, recorded from a real server."""

import sys
import textwrap
from pathlib import Path

from house import House

PYTHON = sys.executable
# A client without an SDK: what it asks is the text it is given.
ASK = '''
import json, os, sys, time, urllib.request
def ask(text):
    body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]})
    asked = urllib.request.Request(
        os.environ["OPENAI_BASE_URL"] + "/chat/completions",
        body.encode(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
    )
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]
'''


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
