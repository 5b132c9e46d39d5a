"""Programs that nobody here wrote: their shipped recordings, and a replay of each."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from example_projects import EXAMPLES, OWN, UNWANTED, endpoint_of

from flagbench.cassette import file
from flagbench.scenario import loading
from flagbench.scenario.loading import Scenario

# An example with requirements of its own runs a program in an environment of its own.
PROGRAMS = sorted(path.parent.name for path in EXAMPLES.glob("*/requirements.txt"))
SHOWN = ("series", "tokens", "seconds", "accepted")
MOST_BYTES = 400_000


def scenario_of(program: str) -> Scenario:
    """The scenario of an example."""
    (path,) = (EXAMPLES / program / "scenarios").glob("*.yaml")
    return loading.load(path)


def readme_rows(program: str) -> list[dict[str, str]]:
    """The table of an example's README."""
    text = (EXAMPLES / program / "README.md").read_text("utf-8")
    block = re.search(r"```text\n(series .*?)```", text, re.DOTALL)
    assert block is not None
    head, *rows = block[1].splitlines()
    # Two columns are called Δ.
    return [dict(zip(head.split(), row.split(), strict=False)) for row in rows]


def accepted(program: str) -> dict[str, Any]:
    """The accepted series of an example."""
    (path,) = (
        path
        for path in (EXAMPLES / program / "baselines").glob("*.json")
        if path.name.count(".") == 1
    )
    return json.loads(path.read_text("utf-8"))["series"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_table_of_the_readme_is_the_baseline(program: str) -> None:
    """Tokens, seconds and acceptance by flag are those that were accepted, in the same series."""
    measured = accepted(program)
    ids = {combination.id for combination in scenario_of(program).combinations}
    assert set(measured) == ids
    shown = [tuple(row[name] for name in SHOWN) for row in readme_rows(program)]
    assert sorted(shown) == sorted(
        (
            name,
            f"{series['tokens']['value']:,.0f}",
            f"{series['seconds']['value']:.1f}",
            f"{series['acceptance_rate']['value']:.0%}",
        )
        for name, series in measured.items()
    )


@pytest.mark.parametrize("program", [*PROGRAMS, *OWN])
def test_recordings_are_small_and_of_the_endpoint(program: str) -> None:
    """Each recorded answer is that which the shipped server gives to the recorded request."""
    endpoint = endpoint_of(program)
    scenario = scenario_of(program)
    folder = EXAMPLES / program / "cassettes" / scenario.provider / scenario.name
    paths = sorted(folder.glob("*.yaml"))
    assert [path.stem for path in paths] == [str(n + 1) for n in range(scenario.trials)]
    for path in paths:
        assert path.stat().st_size < MOST_BYTES
        for interaction in file.load(path, record_command="").interactions:
            said = endpoint.answer(json.loads(interaction.request_body)["messages"])
            if isinstance(said, str):  # of a stream, too
                assert json.dumps(said, ensure_ascii=False) in interaction.response_body.decode()
            else:
                (choice,) = json.loads(interaction.response_body)["choices"]
                assert choice["message"] == said


@pytest.mark.parametrize("program", PROGRAMS)
def test_replay(program: str, tmp_path: Path) -> None:
    """In the program's own environment, a replay without a network keeps what was accepted.

    Tokens and seconds have the accepted digits.
    """
    if not (EXAMPLES / program / ".venv" / "bin" / "python").exists():
        pytest.skip(f"{program} is not installed: `make third-party` makes its environment")
    unwanted = shutil.ignore_patterns(*UNWANTED)
    project = Path(shutil.copytree(EXAMPLES / program, tmp_path / program, ignore=unwanted))
    (project / ".venv").symlink_to(EXAMPLES / program / ".venv")
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "scenarios", "-p", "no:xdist"], cwd=project,
        env={**plain, "COLUMNS": "120"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    printed = [line.split()[:2] for line in ended.stdout.splitlines()]
    assert [
        row for row in readme_rows(program) if [row["series"], row["tokens"]] not in printed
    ] == []
    cells = [
        json.loads(line)
        for line in (project / "reports/latest/cells.jsonl").read_text("utf-8").splitlines()
    ]
    assert {cell["time"] for cell in cells} == {"events"}
    digits = {
        cell["combination"]: (cell["prompt_tokens"] + cell["completion_tokens"], cell["seconds"])
        for cell in cells
    }
    assert digits == {
        name: (series["tokens"]["value"], series["seconds"]["value"])
        for name, series in accepted(program).items()
    }
