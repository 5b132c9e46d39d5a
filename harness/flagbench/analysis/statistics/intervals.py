"""Confidence intervals of paired differences and ratios: the clustered, studentised bootstrap.

A group is a scenario, a row of it a trial, its two columns the paired values of A and B. The
estimate is the mean over the scenarios of each scenario's effect, where an effect is the difference
of the scenario's means, or the log of their ratio. The ratio is therefore the geometric mean of the
scenarios' ratios (Fleming, Wallace: How Not to Lie with Statistics, CACM 29, 1986), and a large
scenario does not count more than a small one.

About SCENARIOS, first scenarios and then trials in them are resampled (Davison, Hinkley: Bootstrap
Methods and their Application, 1997, section 3.8); about TRIALS, the scenarios are fixed. Each
resample is studentised by its own standard error (Efron: Bootstrap Methods, Annals of Statistics 7,
1979; Hesterberg: What Teachers Should Know About the Bootstrap, American Statistician 69, 2015),
since percentile intervals from few trials are far too narrow: with five they cover the true value
84 times in 100. Where more than 1 in 1,000 resamples has no spread (up to five units, or hardly any
that differ), studentising is impossible and Student's t is used instead.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

Values = npt.NDArray[np.float64]

LEVEL = 0.95
# (RESAMPLES + 1) times the tail is an integer, so that each limit is a resampled value.
RESAMPLES = 9_999
SEED = 20_240_718
_MAX_WITHOUT_SPREAD = 0.001
TOLERANCE = 1e-9
"""Equal values may differ by the rounding error of floats."""


class About(StrEnum):
    """The scope of inference: the population that a result generalises to."""

    SCENARIOS = "scenarios"
    TRIALS = "trials"
    RECORDINGS = "recordings"


class Method(StrEnum):
    """The method that gave the limits."""

    BOOTSTRAP = "clustered bootstrap-t"
    STUDENT = "Student's t"
    EXACT = "exact"
    WILSON = "hybrid Wilson score"
    CONSTANT = "the same in every recording"
    SAME_CALLS = "the same calls on both sides"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its limits and the p value of no effect; None where they are undefined.

    `freedom` is the degrees of freedom of the standard error.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    method: Method
    freedom: float


@dataclass(frozen=True, slots=True)
class _Effects:
    """Effects of resamples (or of the data, as a single resample) and their standard errors."""

    effect: Values
    error: Values


def difference(groups: Sequence[Values], about: About) -> Estimate:
    """The mean over the groups of mean(B) - mean(A). `groups` are arrays of shape (trials, 2)."""
    return _estimate(groups, about, is_log=False)


def log_ratio(groups: Sequence[Values], about: About) -> Estimate:
    """The mean over the groups of log(mean(B) / mean(A)).

    Raises `ValueError` if a mean is not positive. If only single values are not positive, there are
    no limits.
    """
    if any((group.mean(axis=0) <= 0).any() for group in groups):
        raise ValueError("a ratio needs positive means")
    if any((group <= 0).any() for group in groups):
        value = float(_effect(groups, is_log=True).mean())
        return Estimate(value, None, None, None, Method.NONE, 0.0)
    return _estimate(groups, about, is_log=True)


def mean(values: Values, seed: int = SEED) -> Estimate:
    """The mean of independent values, such as an effect in each trial."""
    return _mean(values.astype(np.float64).tobytes(), seed)


@lru_cache(maxsize=4_096)  # a flag that acts alone has the same effect in every way to count it
def _mean(values: bytes, seed: int) -> Estimate:
    own = np.frombuffer(values)
    group = np.column_stack([np.zeros_like(own), own])
    return _estimate([group], About.TRIALS, is_log=False, seed=seed)


def _estimate(
    groups: Sequence[Values], about: About, *, is_log: bool, seed: int = SEED
) -> Estimate:
    own = _as_one_resample(groups)
    value, error, freedom = _of_data(own, about, is_log=is_log)
    if about is About.RECORDINGS or freedom <= 0:
        return Estimate(value, None, None, None, Method.NONE, 0.0)
    scale = max(abs(value), *(float(np.abs(group).max()) for group in own), 0.0)
    smallest = TOLERANCE * (1.0 if is_log else scale)
    if error <= smallest:
        # All units agree: a sign test, the chance of that if either sign were as likely.
        units = len(groups) if about is About.SCENARIOS else sum(map(len, groups))
        chance = 0.5 ** (units - 1) if abs(value) > smallest else 1.0
        return Estimate(value, value, value, chance, Method.CONSTANT, freedom)
    resampled = _resample(groups, about, is_log=is_log, seed=seed)
    has_spread = resampled.error > smallest
    if 1 - has_spread.mean() > _MAX_WITHOUT_SPREAD:
        if is_log and about is About.TRIALS:
            error = _jackknife_error(groups)
        return _student(value, error, freedom)
    away = resampled.effect - value
    # A resample without spread deviates by infinitely many of its standard errors.
    no_spread = np.where(away == 0, 0.0, np.copysign(np.inf, away))
    errors = np.where(has_spread, resampled.error, 1.0)
    studentised = np.sort(np.where(has_spread, away / errors, no_spread))
    tail = round((1 - LEVEL) / 2 * (RESAMPLES + 1))
    observed = value / error
    below = np.searchsorted(studentised, observed, side="right")
    above = RESAMPLES - np.searchsorted(studentised, observed, side="left")
    return Estimate(
        value=value,
        low=value - float(studentised[RESAMPLES - tail]) * error,
        high=value - float(studentised[tail - 1]) * error,
        p=min(1.0, 2 * (1 + int(min(below, above))) / (RESAMPLES + 1)),
        method=Method.BOOTSTRAP,
        freedom=freedom,
    )


def _jackknife_error(groups: Sequence[Values]) -> float:
    """The jackknife's standard error of the mean log ratio, over the trials of every scenario.

    The linearised error of a few skewed trials is too small. Efron, Stein: The Jackknife Estimate
    of Variance, Annals of Statistics 9, 1981.
    """
    variance = 0.0
    for group in groups:
        count = len(group)
        without = (group.sum(axis=0) - group) / (count - 1)
        variance += float(np.log(without[:, 1] / without[:, 0]).var()) * (count - 1)
    return math.sqrt(variance) / len(groups)


def _student(value: float, error: float, freedom: float) -> Estimate:
    """The interval from Student's t. Student: The Probable Error of a Mean, Biometrika 6, 1908."""
    reach = float(special.stdtrit(freedom, 1 - (1 - LEVEL) / 2)) * error
    p = 2 * float(special.stdtr(freedom, -abs(value) / error))
    return Estimate(value, value - reach, value + reach, p, Method.STUDENT, freedom)


def _of_data(own: Sequence[Values], about: About, *, is_log: bool) -> tuple[float, float, float]:
    """The value, its standard error, and its degrees of freedom (0: the error is unknown)."""
    effects = _effects(own, about, is_log=is_log)
    if about is About.SCENARIOS:
        freedom = float(len(own) - 1)
    else:
        trials = np.array([group.shape[1] for group in own])
        if (trials < 2).any():
            freedom = 0.0
        else:
            parts = np.array([effect_variance(group, is_log=is_log)[0] for group in own])
            # Satterthwaite: Approximate Distribution of Estimates of Variance, Biometrics 2, 1946.
            squares = float((parts**2 / (trials - 1)).sum())
            freedom = float(parts.sum() ** 2 / squares) if squares else float((trials - 1).sum())
    return float(effects.effect[0]), float(effects.error[0]), freedom


def _resample(groups: Sequence[Values], about: About, *, is_log: bool, seed: int) -> _Effects:
    if about is About.TRIALS:
        draws = _draw_trials(seed, tuple(len(group) for group in groups), RESAMPLES)
        resampled = [group[trials] for group, trials in zip(groups, draws, strict=True)]
        return _effects(resampled, about, is_log=is_log)
    draw = np.random.default_rng(seed)
    places = draw.integers(0, len(groups), (RESAMPLES, len(groups)))
    units = np.empty(places.shape)
    for place, group in enumerate(groups):
        chosen = places == place
        trials = draw.integers(0, len(group), (int(chosen.sum()), len(group)))
        units[chosen] = _effect([group[trials]], is_log=is_log)[:, 0]
    return _of_units(units)


@lru_cache(maxsize=4)  # hundreds of effects of one run use the same draws
def _draw_trials(
    seed: int, sizes: tuple[int, ...], resamples: int
) -> tuple[npt.NDArray[np.int64], ...]:
    """The trials of each resample of each scenario; shapes (resamples, trials)."""
    draw = np.random.default_rng(seed)
    return tuple(draw.integers(0, size, (resamples, size)) for size in sizes)


def _as_one_resample(groups: Sequence[Values]) -> list[Values]:
    return [group[None, :, :] for group in groups]


def _effects(groups: Sequence[Values], about: About, *, is_log: bool) -> _Effects:
    """Effects of arrays of shape (resamples, trials, 2), one array per scenario."""
    units = _effect(groups, is_log=is_log)
    if about is About.SCENARIOS:
        return _of_units(units)
    variance = sum(
        (effect_variance(group, is_log=is_log) for group in groups), start=np.zeros(len(units))
    )
    return _Effects(units.mean(axis=1), np.sqrt(variance) / len(groups))


def _of_units(units: Values) -> _Effects:
    count = units.shape[1]
    error = units.std(axis=1, ddof=1) / np.sqrt(count) if count > 1 else np.zeros(len(units))
    return _Effects(units.mean(axis=1), error)


def _effect(groups: Sequence[Values], *, is_log: bool) -> Values:
    """Every scenario's effect in every resample; shape (resamples, scenarios)."""
    means = np.stack([group.mean(axis=-2) for group in groups], axis=-2)
    means = means.reshape(-1, len(groups), 2)
    a, b = means[..., 0], means[..., 1]
    effect: Values = np.log(b / a) if is_log else b - a
    return effect


def effect_variance(group: Values, *, is_log: bool) -> Values:
    """The variance of a scenario's effect over its trials, linearised for a log ratio.

    `group` has shape (resamples, trials, 2), the result (resamples,).
    """
    influence = group / group.mean(axis=1, keepdims=True) if is_log else group
    apart = influence[..., 1] - influence[..., 0]
    count = apart.shape[1]
    if count < 2:
        return np.zeros(len(apart))
    spread: Values = apart.var(axis=1, ddof=1) / count
    return spread
