"""The effects of the flags of a scenario, with intervals from its trials."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flagbench.analysis.attribution import aliases, factorial
from flagbench.analysis.attribution.design_matrix import Design, Values
from flagbench.analysis.statistics import intervals
from flagbench.analysis.statistics.effect_sizes import holm

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """What flags do to a metric: the mean over the trials, its 95 % limits, and p values.

    Limits and p are None with one trial. `p_holm` counts the effects of the same kind and metric.
    """

    flags: tuple[str, ...]
    value: float
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class MetricEffects:
    """Everything about one metric; amounts are per request.

    `alone` is a flag against `none`, `last` against `all` without it, each where it was run. `main`
    and `interactions` are those of the full design, or what least squares makes of a smaller one.
    `shapley` needs the full design and adds up to `whole`, which is all - none.
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
    """The effects in a scenario. Of a design that is not full, `aliased` says what each effect is
    mixed with, and `lost` what cannot be told.
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


def name_of(flags: Iterable[str]) -> str:
    """How an effect is called: its flags joined by an x."""
    return " x ".join(flags)


def attribute(design: Design) -> Attribution:
    """Estimate everything that a design allows."""
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
        whole=next(iter(_steps(design, outcomes, [(flags, frozenset(), everything)])), None),
        alone=_steps(
            design, outcomes, [((flag,), frozenset(), frozenset({flag})) for flag in flags]
        ),
        last=_steps(
            design, outcomes, [((flag,), everything - {flag}, everything) for flag in flags]
        ),
        main=main,
        interactions=interactions,
        shapley=shapley,
    )


def _steps(
    design: Design,
    outcomes: Values,
    steps: Sequence[tuple[tuple[str, ...], frozenset[str], frozenset[str]]],
) -> tuple[Effect, ...]:
    """The differences between two settings, of those that were both run."""
    terms, weights = [], []
    for flags, before, after in steps:
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
    found = []
    effects = weights @ outcomes
    # What floats leave where outcomes cancel out is no effect.
    effects[np.abs(effects) < _NOTHING * np.abs(outcomes).max()] = 0.0
    for flags, per_trial in zip(terms, effects, strict=True):
        mean = intervals.mean(per_trial)
        found.append(Effect(flags, mean.value + 0.0, mean.low, mean.high, mean.p))
    adjusted = holm([effect.p for effect in found])
    return tuple(replace(effect, p_holm=p) for effect, p in zip(found, adjusted, strict=True))
