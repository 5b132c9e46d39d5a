"""The optimizer as a subject: its jobs, flags and presets, and the repository it works on."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from flagbench_generators.optimizer.snapshot import snapshot
from flagbench_generators.optimizer.subject import optimizer

JOB = """\
repository: {files: 10, seed: 1}
operations: [component_analysis, pattern_validation]
patterns: {small: {requires: [[lines_at_most, 20]]}}
"""


def done(tmp_path: Path, *jobs: str, **flags: str) -> tuple[list[dict[str, Any]], list[Any], Any]:
    """Results and runs of jobs, and the outcome."""
    outcome = optimizer(jobs, flags, tmp_path)
    texts = {file.path: json.loads(file.text) for file in outcome.artifacts}
    numbers = range(1, len(jobs) + 1)
    return (
        [texts[f"results/{number}.json"] for number in numbers],
        [texts[f"runs/{number}.json"] for number in numbers],
        outcome,
    )


@pytest.mark.parametrize("files", [1, 10, 200])
def test_a_repository_is_the_same_for_the_same_seed(files: int) -> None:
    """Every file parses, and another seed has other files."""
    made = snapshot(files, 1)
    assert made == snapshot(files, 1) != snapshot(files, 2)
    assert len(made) == files
    for text in made.values():
        ast.parse(text)


PLAIN = {"optimization_level": "basic", "cache_strategy": "off", "request_throttling": False,
         "parallel_enabled": False, "batch_processing": False}  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "settings"),
    [
        ({}, PLAIN),
        ({"OPTIMIZATION_PRESET": "off"}, PLAIN),
        ({"CACHE_STRATEGY": "disk"}, PLAIN | {"cache_strategy": "disk"}),
        ({"OPTIMIZATION_LEVEL": "moderate"},
         PLAIN | {"optimization_level": "moderate", "parallel_enabled": True,
                  "batch_processing": True}),
        ({"OPTIMIZATION_PRESET": "batch_processing"},
         {"optimization_level": "basic", "cache_strategy": "disk", "batch_processing": True,
          "parallel_enabled": False, "request_throttling": True}),
        ({"OPTIMIZATION_PRESET": "api_heavy_workload"},
         {"optimization_level": "moderate", "cache_strategy": "hybrid", "batch_processing": True,
          "parallel_enabled": True, "request_throttling": True}),
    ],
)  # fmt: skip
def test_a_flag_that_is_left_out_is_off(
    tmp_path: Path, flags: dict[str, str], settings: dict[str, Any]
) -> None:
    """A preset stands over the defaults of the guide."""
    _, (run,), _ = done(tmp_path, JOB, **flags)
    assert {name: run["settings"][name] for name in settings} == settings


def test_a_later_job_finds_the_cache_and_what_changed(tmp_path: Path) -> None:
    """An edit is seen, damaged entries are noticed, and only measured jobs count.

    Nothing is measured that is zero by its kind: the seconds of local work, the tests of analysis.
    """
    edit = 'damaged_entries: 2\nedits: {assembly/order/routes.py: "\\nLAST = 1\\n"}\n'
    first, (_, run), outcome = done(
        tmp_path, f"{JOB}measured: false\n", JOB + edit, CACHE_STRATEGY="disk"
    )
    names = [
        [file["name"] for file in results["component_analysis"]
         if "LAST" in file["analysis"]["defines"]]
        for results in first
    ]  # fmt: skip
    assert names == [[], ["assembly.order.routes"]]
    assert run["damaged"] == run["cache"]["corrupted"] == 2
    metrics = outcome.metrics
    assert [*metrics] == [
        "component_analysis_files",
        "pattern_validation_checks",
        "pattern_validation_files",
    ]
    assert metrics["component_analysis_files"][0] == 3
    part, whole = outcome.rates["cache_hit_rate"]
    assert 0 < part < whole
