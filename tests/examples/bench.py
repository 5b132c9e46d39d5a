"""Runs pytest in a house, in this process or another, and reads what it left."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# pytester forgets what a run imported; numpy's and scipy's C code cannot be imported again.
import scipy.special  # noqa: F401
from house import House


class Bench:
    """Runs pytest in a house and reads what it left."""

    def __init__(self, pytester: pytest.Pytester, house: House) -> None:
        self.house = house
        self._pytester = pytester

    def __call__(self, *arguments: str) -> pytest.RunResult:
        """Run in this process, from the house's folder; all its scenarios unless one is named."""
        named = any("scenarios" in one for one in arguments)
        return self._pytester.runpytest_inprocess(*([] if named else ["scenarios"]), *arguments)

    def apart(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run as a command of its own."""
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(
            command, cwd=self.house.path, env={**os.environ, **environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def latest(self) -> Path:
        """The folder of reports."""
        return self.house.path / "reports" / "latest"

    def results(self) -> tuple[bytes, bytes]:
        """The two files for programs."""
        return tuple((self.latest / one).read_bytes() for one in ("cells.jsonl", "summary.json"))

    def summary(self) -> dict[str, Any]:
        """The verdicts and metrics of the last run."""
        return json.loads((self.latest / "summary.json").read_text())

    def verdicts(self) -> dict[str, str]:
        """Series of the tiny scenario -> verdict, of the last run."""
        series = self.summary()["scenarios"]["tiny"]["series"]
        return {name: one["verdict"] for name, one in series.items()}
