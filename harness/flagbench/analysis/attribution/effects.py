"""The effects of a scenario's flags, with confidence intervals over its trials."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flagbench.analysis.attribution import aliases, factorial
from flagbench.analysis.attribution.design_matrix import Design, Values
from flagbench.analysis.statistics import intervals
from flagbench.analysis.statistics.effect_sizes import holm
from flagbench.analysis.statistics.intervals import Method

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of flags on a metric: the mean over the trials, its 95 % limits, and p values.

    Limits and p are None with one trial; limits, too, where all trials agree, which says nothing of
    others. `p_holm` is adjusted for the effects of the same kind and metric.
    """

    flags: tuple[str, ...]
    value: float
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class MetricEffects:
    """All effects on one metric; amounts are per request, the subject's own per session.

    `alone` is a flag against `none`, `last` is `all` against `all` without the flag, each where
    both were run. `main` and `interactions` are exact for a full design and least-squares estimates
    for a fractional one. `shapley` needs the full design; its values add up to `whole`, which is
    all - none.
    """

    metric: str
    none: float
    all: float | None
    whole: Effect | None
    alone: tuple[Effect, ...]
    last: tuple[Effect, ...]
    main: tuple[Effect, ...]
    interactions: tuple[Effect, ...]
    shapley: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The effects in a scenario.

    For a fractional design, `aliased` lists the effects each estimate is confounded with, and
    `lost` those that cannot be estimated. `left_out` and `trials_left_out` are those of the design.
    """

    scenario: str
    provider: str
    flags: tuple[str, ...]
    runs: int
    trials: int
    is_full: bool
    metrics: tuple[MetricEffects, ...]
    aliased: Mapping[str, tuple[tuple[str, float], ...]]
    lost: tuple[str, ...]
    left_out: tuple[str, ...]
    trials_left_out: Mapping[int, tuple[str, ...]]


def name_of(flags: Iterable[str]) -> str:
    """The name of an effect: its flags joined by ` x `."""
    return " x ".join(flags)


def attribute(design: Design) -> Attribution:
    """Estimate every effect that a design allows."""
    model = None if design.is_full else aliases.fit(design.on, design.flags)
    return Attribution(
        scenario=design.scenario,
        provider=design.provider,
        flags=design.flags,
        runs=len(design.on),
        trials=len(design.trials),
        is_full=design.is_full,
        metrics=tuple(
            _metric(design, metric, outcomes, model) for metric, outcomes in design.outcomes.items()
        ),
        aliased={
            name_of(term): tuple((name_of(other), factor) for other, factor in mixed)
            for term, mixed in zip(model.terms, model.aliases, strict=True)
        }
        if model
        else {},
        lost=tuple(name_of(term) for term in model.lost) if model else (),
        left_out=design.left_out,
        trials_left_out=design.trials_left_out,
    )


def _metric(
    design: Design, metric: str, outcomes: Values, model: aliases.Model | None
) -> MetricEffects:
    flags, on = design.flags, design.on
    single = [(flag,) for flag in flags]
    if model is None:
        main = _effects(single, factorial.main_effects(on), outcomes)
        twofold = [(flags[i], flags[j]) for i, j in factorial.pairs(len(flags))]
        interactions = _effects(twofold, factorial.interactions(on), outcomes)
        shapley = _effects(single, factorial.shapley_values(on), outcomes)
    else:
        estimated = list(zip(model.terms, model.weights, strict=True))
        main, interactions = (
            _effects(
                [term for term, _ in estimated if len(term) == order],
                np.array([weights for term, weights in estimated if len(term) == order]),
                outcomes,
            )
            for order in (1, 2)
        )
        shapley = ()
    everything = frozenset(flags)
    none, whole = design.run(frozenset()), design.run(everything)
    return MetricEffects(
        metric=metric,
        none=float(outcomes[none].mean()),
        all=None if whole is None else float(outcomes[whole].mean()),
        whole=next(iter(_contrasts(design, outcomes, [(flags, frozenset(), everything)])), None),
        alone=_contrasts(
            design, outcomes, [((flag,), frozenset(), frozenset({flag})) for flag in flags]
        ),
        last=_contrasts(
            design, outcomes, [((flag,), everything - {flag}, everything) for flag in flags]
        ),
        main=main,
        interactions=interactions,
        shapley=shapley,
    )


def _contrasts(
    design: Design,
    outcomes: Values,
    pairs: Sequence[tuple[tuple[str, ...], frozenset[str], frozenset[str]]],
) -> tuple[Effect, ...]:
    """The differences between pairs of settings, where both were run."""
    terms, weights = [], []
    for flags, before, after in pairs:
        first, second = design.run(before), design.run(after)
        if first is not None and second is not None:
            row = np.zeros(len(design.on))
            row[second] += 1
            row[first] -= 1
            terms.append(flags)
            weights.append(row)
    return _effects(terms, np.array(weights), outcomes)


def _effects(
    terms: Sequence[tuple[str, ...]], weights: Values, outcomes: Values
) -> tuple[Effect, ...]:
    if not terms:
        return ()
    estimates = []
    effects = weights @ outcomes
    # A rounding error left where outcomes cancel out is not an effect.
    effects[np.abs(effects) < _TOLERANCE * np.abs(outcomes).max()] = 0.0
    for flags, per_trial in zip(terms, effects, strict=True):
        mean = intervals.mean(per_trial)
        limits = (None, None) if mean.method is Method.CONSTANT else (mean.low, mean.high)
        estimates.append(Effect(flags, mean.value + 0.0, *limits, mean.p))
    adjusted = holm([effect.p for effect in estimates])
    return tuple(replace(effect, p_holm=p) for effect, p in zip(estimates, adjusted, strict=True))
