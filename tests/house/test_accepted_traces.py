"""Accepted traces of the shipped scenarios are those of their baselines, and of the code."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from flagbench.measurement.trace_rows import Trace
from flagbench.run.options import Options
from flagbench.scenario import loading
from flagbench.series.cell_runner import CellRunner
from flagbench.verdict import accepted_files, baseline, baseline_trace

ROOT = Path(__file__).resolve().parents[2]
BASELINES = ROOT / "baselines"
NAMES = sorted(
    path.stem
    for path in (ROOT / "scenarios").glob("*.yaml")
    if baseline.path_of(BASELINES, path.stem).exists()
)


def traces_of(name: str) -> Mapping[str, Trace]:
    """The accepted traces of a scenario."""
    return baseline_trace.load(baseline_trace.path_of(BASELINES, name))


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_adds_up_to_its_baseline(name: str) -> None:
    """Each accepted series has one, with its calls and tokens; every file of it is stored.

    A call of another service is a step, and none of a model's calls.
    """
    services = loading.load(ROOT / "scenarios" / f"{name}.yaml").services
    accepted = baseline.load(baseline.path_of(BASELINES, name))
    traces = traces_of(name)
    stored = accepted_files.load(accepted_files.path_of(BASELINES, name))
    assert accepted is not None
    assert traces.keys() == accepted.series.keys()
    for series, trace in traces.items():
        calls = [step for step in trace.steps if step.digest and step.agent not in services]
        metrics = accepted.series[series]
        assert len(calls) / accepted.trials == pytest.approx(metrics["calls"].value)
        tokens = sum(call.tokens for call in calls) / accepted.trials
        assert tokens == pytest.approx(metrics["tokens"].value)
        assert {file.digest for file in trace.files} <= stored.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_is_what_the_code_does(name: str, tmp_path: Path) -> None:
    """The first trial of the last series, which has all flags on in most scenarios."""
    scenario = replace(loading.load(ROOT / "scenarios" / f"{name}.yaml"), acceptance=())
    combination = scenario.combinations[-1]
    options = Options(cassettes=ROOT / "cassettes", baselines=BASELINES, reports=tmp_path)
    found = CellRunner(options).cell(scenario, combination, 1).trace
    accepted = traces_of(name)[combination.id]
    for kind in ("steps", "files", "rates", "recordings"):
        assert list(getattr(found, kind)) == [
            row for row in getattr(accepted, kind) if row.trial == 1
        ]
