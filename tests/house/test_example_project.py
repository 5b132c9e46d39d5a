"""The example project of the documents works as its README says, outside of this repository."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import HTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from flagbench.cassette import file
from flagbench.cassette.cassette import canonical

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "own-generator"
FLAGBENCH = ("-c", "from flagbench.cli.main import main; main()")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project in a folder that has nothing else."""
    unwanted = shutil.ignore_patterns("reports", ".*", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "greeter", ignore=unwanted))


@pytest.fixture
def run(project: Path) -> Run:
    """Runs Python in the project's folder, as its user does."""
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}

    def start(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=project, env={**plain, "COLUMNS": "120", **more},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return start


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_project_keeps_its_targets_and_shows_the_table_of_its_readme(run: Run) -> None:
    """Replay without a key gives the figures that the README prints."""
    ended = run("-m", "pytest", "scenarios")
    assert ended.returncode == 0, ended.stdout
    table = re.search(r"```text\n(.*?)```", (EXAMPLE / "README.md").read_text("utf-8"), re.DOTALL)
    assert table is not None
    printed = [line.split() for line in ended.stdout.splitlines()]
    assert [row for row in map(str.split, table[1].splitlines()) if row not in printed] == []
    assert "4 KEPT" in ended.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "status", "said"),
    [
        pytest.param("greeter.py", "You write", "You now write", 3, "COULD NOT RUN", id="prompt"),
        pytest.param("scenarios/greeting.yaml", "trials: 2", "trials: two", 2, "greeting.yaml:6",
                     id="schema"),
        pytest.param("scenarios/greeting.yaml", 'approval_rate: ">= 100 %"', 'calls: "< 3"', 1,
                     "BROKEN", id="target"),
    ],
)  # fmt: skip
def test_a_change_ends_with_the_exit_code_of_its_kind(
    project: Path, run: Run, file: str, old: str, new: str, status: int, said: str
) -> None:
    """A prompt without a recording could not run; a bad file is input; a missed target broken."""
    edit(project / file, old, new)
    ended = run(*FLAGBENCH, "run", "scenarios")
    assert (ended.returncode, said in ended.stdout) == (status, True), ended.stdout


def test_the_endpoint_records_the_cassettes_that_are_shipped(project: Path, run: Run) -> None:
    """Recording again, as the README says, gives the same answers; only their time is measured.

    Requests are equal but for the order of keys: openai 1 puts `messages` before `model`.
    """
    shutil.rmtree(project / "cassettes")
    spec = spec_from_file_location("endpoint", project / "endpoint.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.Endpoint.log_message = lambda *_: None
    with HTTPServer(("127.0.0.1", 0), module.Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        ended = run(
            *FLAGBENCH, "record", "scenarios/greeting.yaml", "--base-url", url, "--yes",
            OPENAI_API_KEY="none",
        )  # fmt: skip
        server.shutdown()
        thread.join()
    assert ended.returncode == 0, ended.stderr
    recorded, shipped = (
        {
            path.name: [
                replace(
                    interaction,
                    elapsed_seconds=0.0,
                    request_body=canonical(json.loads(interaction.request_body)).encode(),
                )
                for interaction in file.load(path, record_command="").interactions
            ]
            for path in (folder / "cassettes").rglob("*.*")
        }
        for folder in (project, EXAMPLE)
    )
    assert recorded == shipped
