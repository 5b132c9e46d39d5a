"""The cost of having flagbench installed, for a project that does not use it."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_RUNS = 11


def cpu_seconds(folder: Path, *options: str) -> float:
    """The CPU time of a pytest run of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


@pytest.mark.benchmark(group="start")
def test_a_project_that_never_asked_starts_as_fast(
    tmp_path: Path, benchmark: BenchmarkFixture, report: Callable[[str, float, str], None]
) -> None:
    """Within 5 % of `-p no:flagbench`: the fastest of eleven runs each, one after the other."""
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    without, with_plugin = [], []
    for _ in range(_RUNS):
        without.append(cpu_seconds(tmp_path, "-p", "no:flagbench"))
        with_plugin.append(cpu_seconds(tmp_path))
    ratio = min(with_plugin) / min(without)
    report("start of pytest with the plugin / without", ratio, "at most 1.05")
    benchmark.pedantic(lambda: cpu_seconds(tmp_path), rounds=1)
    assert ratio <= 1.05
