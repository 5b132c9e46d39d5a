"""The last accepted measurement of a scenario, with tolerances: `baselines/<scenario>.json`."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from flagbench import strict_json, text_file
from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem, problems_of
from flagbench.measurement.summary import Summary
from flagbench.run.options import Options
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.shell_command import shell_command

SCHEMA = 1

# Tolerated changes of a metric. An exact replay has no noise, so they are for changes that a team
# may want to ignore. Edit them in the baseline: accepting keeps them.
AMOUNT_TOLERANCE = 0.01
RATE_TOLERANCE = 0.005
# Of what the metrics of an inexact series differed by in a few runs: more runs differ by more.
_NOISE_FACTOR = 3.0
# The greatest tolerance, as a share of the value; also the greatest absolute one of small values
# and rates. With a greater one, hardly any change would be noticed.
MAX_TOLERANCE = 0.5


class Expected(BaseModel):
    """An accepted value; the tolerance is the greater of `relative`, a share, and `absolute`.

    `first` is the first value since a named release, None if it is this one; `steps` are the
    acceptances since then that changed the value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    value: float
    relative: Annotated[float, Field(ge=0.0, le=MAX_TOLERANCE)] = 0.0
    absolute: Annotated[float, Field(ge=0.0)] = 0.0
    first: float | None = None
    steps: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _check(self) -> "Expected":
        most = greatest_absolute(self.value)
        if self.absolute > most:
            raise ValueError(f"absolute is {self.absolute:g}; expected: at most {most:g}")
        return self

    def holds(self, measured: float) -> bool:
        """True for a measurement within the tolerance, plus 1e-9 for rounding."""
        return abs(measured - self.value) <= self.tolerance + 1e-9

    @property
    def tolerance(self) -> float:
        """The greatest accepted difference from the value, in its unit."""
        return self.tolerance_of(self.value)

    def tolerance_of(self, value: float) -> float:
        """The greatest accepted difference from a value that these tolerances allow."""
        return max(self.absolute, abs(value) * self.relative)

    def moved_to(self, value: float) -> "Expected":
        """The same tolerances of a value accepted after this one, one step further."""
        if value == self.value:
            return self
        first = self.value if self.first is None else self.first
        if value == first:
            return self.model_copy(update={"value": value, "first": None, "steps": 0})
        return self.model_copy(update={"value": value, "first": first, "steps": self.steps + 1})

    def as_first(self) -> "Expected":
        """The same value as the first one of a release."""
        return self.model_copy(update={"first": None, "steps": 0})


def greatest_absolute(value: float) -> float:
    """The greatest absolute tolerance of a value, in its unit."""
    return max(MAX_TOLERANCE, MAX_TOLERANCE * abs(value))


class Baseline(BaseModel):
    """The content of a baseline file. `series` maps combination ids to metric -> expected.

    `release` names the release since which the first values are kept, "" for none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int
    scenario: str
    provider: str
    trials: int
    release: str = ""
    series: Mapping[str, Mapping[str, Expected]]


def path_of(folder: Path, scenario: str) -> Path:
    """The path of the baseline of a scenario."""
    return folder / f"{scenario}.json"


def load(path: Path) -> Baseline | None:
    """Read a baseline, None without a file. Raises `InputError` for an invalid file."""
    fix = "restore it from version control, or flagbench run --accept-baselines"
    try:
        raw = strict_json.parse(text_file.read_bytes(path).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path), fix=fix)) from error
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA:
        what = f"schema version {version!r} is unknown"
        raise InputError(Problem(what, where=str(path), expected=f"version {SCHEMA}", fix=fix))
    try:
        baseline = Baseline.model_validate(raw, strict=True)
    except ValidationError as error:
        raise InputError(problems_of(error, str(path), fix=fix)) from error
    if baseline.scenario != path.stem:
        what = f"it is the baseline of {baseline.scenario}"
        raise InputError(Problem(what, where=str(path), expected=path.stem, fix=fix))
    return baseline


def accept(
    old: Baseline | None,
    summaries: Sequence[Summary],
    *,
    provider: str,
    declared: Sequence[str],
    release: str = "",
) -> Baseline:
    """Build the baseline with these summaries, keeping edited tolerances and first values.

    With the name of a `release`, the accepted values of all series are the first ones.

    `declared` are the ids of the scenario's own series: one that was not run this time keeps its
    accepted values, and one that is no longer declared is removed.
    """
    series: dict[str, Mapping[str, Expected]] = {
        name: expected for name, expected in (old.series if old else {}).items() if name in declared
    }
    for summary in summaries:
        before = series.get(summary.combination, {})
        series[summary.combination] = {
            metric: _expected(metric, value, before.get(metric), summary.noise.get(metric, 0.0))
            for metric, value in sorted(summary.metrics.items())
        }
    if release:
        series = {
            name: {metric: accepted.as_first() for metric, accepted in metrics.items()}
            for name, metrics in series.items()
        }
    return Baseline(
        schema_version=SCHEMA,
        scenario=summaries[0].scenario,
        provider=provider,
        trials=summaries[0].trials,
        release=release or (old.release if old else ""),
        series=dict(sorted(series.items())),
    )


def save(path: Path, baseline: Baseline) -> None:
    """Write a baseline atomically, without values at their defaults."""
    content = baseline.model_dump(exclude_defaults=True)
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _expected(metric: str, value: float, before: Expected | None, noise: float) -> Expected:
    """The accepted value, tolerated as before, and at least as far as it differs by itself."""
    expected = _tolerated(metric, value, before)
    needed = min(_NOISE_FACTOR * noise, greatest_absolute(value))
    if needed <= expected.tolerance:
        return expected
    return expected.model_copy(update={"absolute": needed})


def _tolerated(metric: str, value: float, before: Expected | None) -> Expected:
    if before is not None:
        # An absolute tolerance that was edited for a much greater value may be too great for this.
        absolute = min(before.absolute, greatest_absolute(value))
        return before.moved_to(value).model_copy(update={"absolute": absolute})
    if metric.endswith(("_rate", "_reduction")):
        return Expected(value=value, absolute=RATE_TOLERANCE)
    return Expected(value=value, relative=AMOUNT_TOLERANCE)


class Baselines:
    """Baselines of the scenarios of a run, each read once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._load = cache(load)

    def of(self, scenario: Scenario) -> Baseline | None:
        """The baseline of a scenario, None without one. Raises as `load` does."""
        return self._load(path_of(self._options.baselines, scenario.name))

    def expected(
        self, scenario: Scenario, combination: Combination
    ) -> Mapping[str, Expected] | None:
        """The expected metrics of a series, empty if it has none; None if no baseline applies.

        Raises `InputError` for a baseline that was accepted with another provider or number of
        trials than the scenario's.
        """
        options = self._options
        if options.accept_baselines:
            return None
        accepted = self.of(scenario)
        metrics = accepted.series.get(combination.id) if accepted else None
        if metrics is None and not options.is_own_design:
            return None
        if accepted and (accepted.provider, accepted.trials) != (
            scenario.provider,
            scenario.trials,
        ):
            if options.provider or options.trials:
                return None
            raise InputError(
                Problem(
                    f"accepted with {accepted.trials} trials of provider {accepted.provider}, "
                    f"the scenario now says {scenario.trials} of {scenario.provider}",
                    where=str(path_of(options.baselines, scenario.name)),
                    fix=shell_command("flagbench", "run", scenario.path, "--accept-baselines"),
                )
            )
        return metrics or {}
