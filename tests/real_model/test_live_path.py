"""The live path against a real model: recorded once, and replayed as it was met."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from model_server import MODEL, PACKAGE, serving

if find_spec("xllamacpp") is None or find_spec(PACKAGE) is None:
    pytest.skip("no real model here: make model", allow_module_level=True)

SUBJECT = '''"""Asks a model in four ways, and writes down what came of each."""

import json
from pathlib import Path

from openai import OpenAI

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
    "required": ["name", "age"], "additionalProperties": False,
}
ADD = {"type": "function", "function": {"name": "add", "description": "Adds two numbers.",
    "parameters": {"type": "object", "properties": {
        "a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}}}


def four_ways(requests, base_url, model, workdir):
    client = OpenAI(base_url=base_url, api_key="none")

    def ask(words, **options):
        messages = [{"role": "user", "content": words}]
        return client.chat.completions.create(model=model, messages=messages, **options)

    stream = ask(
        requests[0], stream=True, stream_options={"include_usage": True}, max_tokens=8
    )
    shape = {"name": "person", "strict": True, "schema": PERSON}
    by_schema = ask("Name a person.", response_format={"type": "json_schema", "json_schema": shape})
    called = ask("Add 2 and 3.", tools=[ADD], tool_choice="required")
    met = {
        "stream": [part.choices[0].delta.content for part in stream if part.choices],
        "schema": sorted(json.loads(by_schema.choices[0].message.content)),
        "tools": [call.function.name for call in called.choices[0].message.tool_calls or ()],
        "cut off": ask("Tell a story.", max_tokens=4).choices[0].finish_reason,
    }
    Path(workdir, "met.json").write_text(json.dumps(met))
'''
SCENARIO = f"""title: Four ways
about: A stream, a schema, a tool and an answer that is cut off.
subject: four.four_ways
model: {MODEL}
provider: {{name: {MODEL}}}
trials: 1
requests: [Count to five.]
factors: {{}}
"""


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """The endpoint of the model."""
    with serving() as url:
        yield url


def flagbench(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder."""
    command = [str(Path(sys.executable).with_name("flagbench")), *arguments]
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_stream_a_schema_a_tool_and_a_cut_off_answer_replay_as_they_were_met(
    tmp_path: Path, base_url: str
) -> None:
    """Twice with the same bytes and without the model, which sees no drift when asked again."""
    (tmp_path / "four.py").write_text(SUBJECT)
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/four.yaml").write_text(SCENARIO)
    recorded = flagbench(tmp_path, "record", "scenarios", "--base-url", base_url, "--yes")
    assert recorded.returncode == 0, recorded.stderr
    results = []
    for _ in range(2):
        run = flagbench(tmp_path, "run", "scenarios", "--accept-baselines")
        assert run.returncode == 0, run.stdout
        results.append((tmp_path / "reports/latest/cells.jsonl").read_bytes())
    assert results[0] == results[1]
    series = json.loads((tmp_path / "reports/latest/summary.json").read_text())
    metrics = series["scenarios"]["four"]["series"]["none"]["metrics"]
    assert metrics["calls"] == 4
    assert metrics["completion_tokens"] >= 12
    canary = flagbench(tmp_path, "canary", "cassettes", "--base-url", base_url, "--yes")
    assert canary.returncode == 0, canary.stdout + canary.stderr
    assert "4 calls, 0 with drift" in canary.stdout
