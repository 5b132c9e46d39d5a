"""Accepted traces of the shipped scenarios are those of their baselines, and of the code."""

import builtins
import functools
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from flagbench.measurement.summary import summarise
from flagbench.measurement.trace_rows import Trace
from flagbench.run.options import Options
from flagbench.scenario import loading
from flagbench.series.cell_runner import CellRunner
from flagbench.series.known_cells import rows
from flagbench.series.series import MeasuredCell
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


@functools.cache
def cell_of(name: str) -> MeasuredCell:
    """The first trial of the last series, which has all flags on in most scenarios."""
    scenario = replace(loading.load(ROOT / "scenarios" / f"{name}.yaml"), acceptance=())
    # Nothing is written there.
    options = Options(cassettes=ROOT / "cassettes", baselines=BASELINES, reports=ROOT / "reports")
    return CellRunner(options).cell(scenario, scenario.combinations[-1], 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_adds_up_to_its_baseline(name: str) -> None:
    """Each accepted series has one, with its calls, tokens and proofs; every file of it is stored.

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
        accepted_proofs = sum(not proof.check for proof in trace.proofs) / len(trace.proofs)
        assert accepted_proofs == pytest.approx(metrics["acceptance_rate"].value, abs=1e-6)
        assert {file.digest for file in trace.files} <= stored.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_is_what_the_code_does(name: str) -> None:
    """All steps, files, rates and recordings of a cell are those that were accepted."""
    found = cell_of(name).trace
    scenario = loading.load(ROOT / "scenarios" / f"{name}.yaml")
    accepted = traces_of(name)[scenario.combinations[-1].id]
    for kind in ("steps", "files", "rates", "recordings"):
        assert list(getattr(found, kind)) == [
            row for row in getattr(accepted, kind) if row.trial == 1
        ]


@pytest.mark.parametrize("name", ["optimizer-large-repository", "django-blog", "student"])
def test_no_float_is_added_as_only_this_python_adds(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sum` rounds at each step before Python 3.12, and once since: `math.fsum` always once."""
    add = builtins.sum
    found = set[str]()

    def heard(values: Iterable[Any], /, start: Any = 0) -> Any:
        numbers, caller = [*values], sys._getframe(1).f_code
        is_ours = "/flagbench" in caller.co_filename
        if is_ours and any(isinstance(number, float) for number in numbers):
            found.add(f"{caller.co_filename}:{caller.co_firstlineno}")
        return add(numbers, start)

    monkeypatch.setattr(builtins, "sum", heard)
    cell = cell_of.__wrapped__(name).measurement
    summarise([cell], [cell])
    assert found == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_is_written_the_same_when_it_was_read(name: str) -> None:
    """Of a number this includes its type: 10 and 10.0 are equal, and other bytes of a report."""
    cell = cell_of(name)
    row = rows.packed(cell, b"")
    assert row is not None
    read = rows.read(row, lambda _: True)
    assert read is not None
    plain = TypeAdapter(MeasuredCell).dump_python
    written = [
        json.dumps(plain(each, warnings=False))
        for each in (cell, replace(read, cpu_seconds=cell.cpu_seconds, is_known=False))
    ]
    assert written[0] == written[1]
