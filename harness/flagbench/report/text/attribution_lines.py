"""Sentences on an attribution: its basis, and how its tables are to be read."""

from collections.abc import Iterator, Sequence

from flagbench.analysis.attribution.effects import Attribution
from flagbench.simulator.settings import SIMULATED

_SHOWN_ALIASES = 3


def basis(attribution: Attribution) -> str:
    """The size of the design, the trials and the provider."""
    design = "full design" if attribution.is_full else "part of the full design"
    provider = "simulated provider" if attribution.provider == SIMULATED else attribution.provider
    return f"{attribution.runs} combinations ({design}), {attribution.trials} trial(s), {provider}"


def legend(attribution: Attribution) -> Iterator[str]:
    """Sentences on the columns of its tables, on aliases, and on what its intervals hold for."""
    yield (
        "alone: against none. last: all against all without it. main effect: its mean over all "
        "settings of the others."
    )
    if attribution.is_full:
        yield (
            "Shapley value: its mean over all orders of switching the flags on; the values add up "
            "to all - none."
        )
    else:
        yield (
            "Shapley values need the full design. Main effects are by least squares and hold only "
            "if what they are mixed with is zero:"
        )
        for flag in attribution.flags:
            yield f"  {_aliases(attribution, flag)}"
        if attribution.lost:
            yield f"not estimated: {_enumerated(attribution.lost)}"
    if attribution.trials == 1:
        yield "One trial: the effects are exact for these recordings and say nothing of others."
    else:
        trials = attribution.trials
        yield (
            f"Intervals are over {trials} trials of this scenario, each effect by itself; an "
            "effect that is the same in every trial has none, since that says nothing of others."
        )
    if attribution.left_out:
        yield f"left out, for levels between off and on: {', '.join(attribution.left_out)}"
    if attribution.trials_left_out:
        trials_left_out = ", ".join(
            f"trial {trial} ({_enumerated(names)})"
            for trial, names in attribution.trials_left_out.items()
        )
        yield f"left out, since series lack them: {trials_left_out}"


def _aliases(attribution: Attribution, flag: str) -> str:
    if flag not in attribution.aliased:
        return f"{flag}: not estimable"
    mixed = attribution.aliased[flag]
    if not mixed:
        return f"{flag}: mixed with nothing"
    fewest = mixed[0][0].count(" x ")
    first = [(name, factor) for name, factor in mixed if name.count(" x ") == fewest]
    aliases = ", ".join(f"{factor:+.2f} ({name})" for name, factor in first[:_SHOWN_ALIASES])
    more = f" and {len(mixed) - _SHOWN_ALIASES} more" if len(mixed) > _SHOWN_ALIASES else ""
    return f"{flag}: mixed with {aliases}{more}"


def _enumerated(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_ALIASES])
    more = len(names) - _SHOWN_ALIASES
    return f"{shown} and {more} more" if more > 0 else shown
