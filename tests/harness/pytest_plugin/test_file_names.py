"""Scenario files with odd names: run and reported, or a clear error beside the others' results."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import pytest
from bench import Bench
from house import EXAMPLES

SHOWN = [
    "a b", "[x]", "[", "[bold red]x", "a`b", "a|b", "a<img src=x>b", "a&b", "a'b\"c", "#1 @octocat",
    "100%", "$HOME", "ünïcödé 名前 👩‍👩‍👧", "-n", "a\\b", "a:b", "a+b", "x" * 200,
]  # fmt: skip
REFUSED = [
    "half\udcff",
    "esc\x1b[31m",
    "two\nlines",
    "tab\t",
    "a::b",
    "user\u202etxt",
    "line\u2028",
]


def run(bench: Bench, names: list[str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run all scenarios of the house, with the tiny one under these names, too."""
    folder = bench.house.path / "scenarios"
    for name in names:
        (folder / f"{name}.yaml").write_text((folder / "tiny.yaml").read_text())
        shutil.copytree(bench.house.cassette().parent, bench.house.cassettes / "simulated" / name)
        for path in (bench.house.cassettes / "simulated" / name).iterdir():
            title = f"scenario: {json.dumps(name, ensure_ascii=False)}"
            text = path.read_text().replace("scenario: tiny", title)
            path.write_text(text, errors="surrogatepass")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "scenarios", "--junitxml=junit.xml", *arguments],
        cwd=bench.house.path, env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.thorough
def test_names_that_can_be_shown_are_reported(accepted: Bench) -> None:
    """Their series are in every file, and accepted and stored under their names."""
    done = run(accepted, SHOWN, "--flagbench-accept-baselines", "-p", "no:xdist")
    assert done.returncode == 0, done.stdout.decode()
    assert set(accepted.summary()["scenarios"]) == {"tiny", *SHOWN}
    rows = (accepted.latest / "cells.jsonl").read_text().splitlines()
    measured = Counter(json.loads(row)["scenario"] for row in rows)
    assert measured == dict.fromkeys(["tiny", *SHOWN], 8)
    for name in SHOWN:
        assert (accepted.house.path / "baselines" / f"{name}.json").is_file()
        assert (accepted.house.path / "reports" / "history" / f"{name}.jsonl").is_file()
    ElementTree.parse(accepted.house.path / "junit.xml")  # noqa: S314  of pytest


@pytest.mark.thorough
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_name_that_cannot_be_shown_is_an_error(accepted: Bench, workers: str) -> None:
    """It says which, and the other scenario is run where pytest goes on."""
    done = run(accepted, REFUSED, "-n", workers, "--continue-on-collection-errors")
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1, said
    errors, _, _ = said.partition("short test summary info")  # which says it again, if CI is set
    assert errors.count("a path of printable characters in UTF-8") == len(REFUSED)
    assert "Traceback" not in said
    assert "INTERNAL" not in said
    assert not {"\x1b", "\u202e", "\u2028"} & set(said)
    ElementTree.parse(accepted.house.path / "junit.xml")  # noqa: S314  of pytest
    assert set(accepted.verdicts().values()) == {"KEPT"}
