"""mini-swe-agent: its shipped recordings, its README, and a replay in its own environment."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flagbench.cassette import file
from flagbench.scenario import loading

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "mini-swe-agent"
SCENARIO = EXAMPLE / "scenarios" / "units.yaml"
MOST_BYTES = 400_000
# The agent looks for the end of each shell in sleeps, whose number depends on the machine.
SECONDS_APART = 0.02
SHOWN = ("series", "tokens", "seconds", "accepted")


def readme_rows() -> list[tuple[str, ...]]:
    """Series, tokens, seconds and acceptance in the table of the README."""
    text = (EXAMPLE / "README.md").read_text("utf-8")
    block = re.search(r"```text\n(series .*?)```", text, re.DOTALL)
    assert block is not None
    head, *rows = (line.split() for line in block[1].splitlines())
    # Two columns are called Δ.
    return [tuple(row[head.index(name)] for name in SHOWN) for row in rows]


def accepted() -> dict[str, Any]:
    """The accepted series."""
    return dict(json.loads((EXAMPLE / "baselines" / "units.json").read_text("utf-8"))["series"])


def endpoint() -> ModuleType:
    """The scripted server that the cassettes were recorded from."""
    spec = spec_from_file_location("mini_endpoint", EXAMPLE / "endpoint.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_table_of_the_readme_is_the_baseline() -> None:
    """Tokens, seconds and acceptance are the accepted ones, in the series of the scenario."""
    measured = accepted()
    assert set(measured) == {each.id for each in loading.load(SCENARIO).combinations}
    assert sorted(readme_rows()) == sorted(
        (
            name,
            f"{series['tokens']['value']:,.0f}",
            f"{series['seconds']['value']:.1f}",
            f"{series['acceptance_rate']['value']:.0%}",
        )
        for name, series in measured.items()
    )


def test_recordings_are_small_and_of_the_endpoint() -> None:
    """Each recorded message is that which the shipped server gives to the recorded request."""
    scenario = loading.load(SCENARIO)
    paths = sorted((EXAMPLE / "cassettes" / scenario.provider / scenario.name).glob("*.yaml"))
    assert [path.stem for path in paths] == [str(n + 1) for n in range(scenario.trials)]
    answer = endpoint().answer
    for path in paths:
        assert path.stat().st_size < MOST_BYTES
        for interaction in file.load(path, record_command="").interactions:
            message = json.loads(interaction.response_body)["choices"][0]["message"]
            assert message == answer(json.loads(interaction.request_body)["messages"])


def test_replay(tmp_path: Path) -> None:
    """In the agent's own environment a replay has the accepted tokens and seconds."""
    if not (EXAMPLE / ".venv" / "bin" / "mini").exists():
        pytest.skip("mini-swe-agent is not installed: its README says how to make its .venv")
    unwanted = shutil.ignore_patterns("reports", ".*", "__pycache__")
    project = Path(shutil.copytree(EXAMPLE, tmp_path / "mini", ignore=unwanted))
    (project / ".venv").symlink_to(EXAMPLE / ".venv")
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "scenarios", "-p", "no:xdist"], cwd=project,
        env={**plain, "COLUMNS": "120"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    lines = (project / "reports/latest/cells.jsonl").read_text("utf-8").splitlines()
    cells = [json.loads(line) for line in lines]
    assert {cell["time"] for cell in cells} == {"events"}
    measured = accepted()
    assert {cell["combination"] for cell in cells} == set(measured)
    for cell in cells:
        series = measured[cell["combination"]]
        tokens = cell["prompt_tokens"] + cell["completion_tokens"]
        assert tokens == series["tokens"]["value"]
        assert cell["seconds"] == pytest.approx(series["seconds"]["value"], abs=SECONDS_APART)
