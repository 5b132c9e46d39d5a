"""The last accepted measurement of a scenario, with tolerances: `baselines/<scenario>.json`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem, problems_of
from flagbench.measurement.summary import Summary

SCHEMA = 1

# What a metric may move before it is a change. A replay is exact, so these are what a team may
# want to let pass without a word, not noise. Edit them in the baseline: accepting keeps them.
AMOUNT_TOLERANCE = 0.01
RATE_TOLERANCE = 0.005


class Expected(BaseModel):
    """A metric's accepted value. `relative` is a share of it, `absolute` is in its own unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    relative: float = 0.0
    absolute: float = 0.0

    def holds(self, measured: float) -> bool:
        """Whether a measurement is within the tolerance (a billionth is left for rounding)."""
        allowed = max(self.absolute, abs(self.value) * self.relative)
        return abs(measured - self.value) <= allowed + 1e-9


class Baseline(BaseModel):
    """The file. `series` maps a combination's id to metric -> expected."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int
    scenario: str
    provider: str
    trials: int
    series: Mapping[str, Mapping[str, Expected]]


def path_of(folder: Path, scenario: str) -> Path:
    """Where the baseline of a scenario is."""
    return folder / f"{scenario}.json"


def load(path: Path) -> Baseline | None:
    """The baseline, or None if there is none yet. Raises `InputError` for a file that is wrong."""
    fix = "restore it from version control, or flagbench run --accept-baselines"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path), fix=fix)) from error
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA:
        what = f"schema version {version!r} is unknown"
        raise InputError(Problem(what, where=str(path), expected=f"version {SCHEMA}", fix=fix))
    try:
        return Baseline.model_validate(raw)
    except ValidationError as error:
        raise InputError(problems_of(error, str(path), fix=fix)) from error


def accept(
    old: Baseline | None, summaries: Sequence[Summary], *, provider: str, declared: Sequence[str]
) -> Baseline:
    """The baseline with these summaries; tolerances that a person set stay.

    `declared` are the ids of the scenario's own series: a series that was not run this time keeps
    its accepted values, one that is no longer declared goes.
    """
    series: dict[str, Mapping[str, Expected]] = {
        name: expected for name, expected in (old.series if old else {}).items() if name in declared
    }
    for summary in summaries:
        before = series.get(summary.combination, {})
        series[summary.combination] = {
            metric: _expected(metric, value, before.get(metric))
            for metric, value in sorted(summary.metrics.items())
        }
    return Baseline(
        schema_version=SCHEMA,
        scenario=summaries[0].scenario,
        provider=provider,
        trials=summaries[0].trials,
        series=dict(sorted(series.items())),
    )


def save(path: Path, baseline: Baseline) -> None:
    """Write a baseline whole; what is at its default is not repeated in the file."""
    content = baseline.model_dump(exclude_defaults=True)
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def changes(old: Baseline | None, new: Baseline) -> list[str]:
    """What accepting changes, a line each."""
    if old is None:
        return [f"{len(new.series)} series accepted for the first time"]
    before = old.series
    told = [f"{name}: no longer a series" for name in before if name not in new.series]
    for name, metrics in new.series.items():
        if name not in before:
            told.append(f"{name}: new")
            continue
        for metric in sorted(before[name].keys() | metrics.keys()):
            was, now = before[name].get(metric), metrics.get(metric)
            if was != now:
                told.append(f"{name}: {metric} {_value(was)} -> {_value(now)}")
    return told


def _value(expected: Expected | None) -> str:
    return "none" if expected is None else f"{expected.value:g}"


def _expected(metric: str, value: float, before: Expected | None) -> Expected:
    if before is not None:
        return before.model_copy(update={"value": value})
    if metric.endswith(("_rate", "_reduction")):
        return Expected(value=value, absolute=RATE_TOLERANCE)
    return Expected(value=value, relative=AMOUNT_TOLERANCE)
