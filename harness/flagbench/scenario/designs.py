"""Designs: the combinations of factor levels that a scenario is run under."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product

from allpairspy import AllPairs

from flagbench.subject import Factor


@dataclass(frozen=True, slots=True)
class Combination:
    """A level for every factor; `levels` are (factor name, level) in the order of the factors."""

    id: str
    levels: tuple[tuple[str, str], ...]


# Names of combinations, reserved: no factor may have them.
PRESETS = ("none", "all", "default")
# Of a design; each is replayed in all trials, and 40 flags alone have a million million.
MAX_COMBINATIONS = 1 << 14


def combine(factors: Sequence[Factor], levels: Mapping[str, str]) -> Combination:
    """Build the combination with these levels; factors without one are off.

    Its id is `none`, `all`, `all-x` if only x is off, or the flags that are on, joined by `+`.
    """
    chosen = tuple((factor.name, levels.get(factor.name, factor.levels[0])) for factor in factors)
    pairs = [(factor, level) for factor, (_, level) in zip(factors, chosen, strict=True)]
    on = [
        factor.name if len(factor.levels) == 2 else f"{factor.name}={level}"
        for factor, level in pairs
        if level != factor.levels[0]
    ]
    full = [factor.name for factor, level in pairs if level == factor.levels[-1]]
    if not on:
        name = "none"
    elif len(full) == len(factors):
        name = "all"
    elif len(full) == len(factors) - 1 == len(on) and len(factors) > 2:
        name = "all-" + next(factor.name for factor in factors if factor.name not in full)
    else:
        name = "+".join(on)
    return Combination(name, chosen)


def parse(text: str, factors: Sequence[Factor]) -> Combination:
    """Parse a combination: `none`, `all`, `default`, `all-x-y` or `x+y=level`.

    Raises `ValueError` for an unknown flag or level, and for two levels of a flag.
    """
    known = {factor.name: factor for factor in factors}
    text = text.strip()
    if text in PRESETS:
        pick: dict[str, Callable[[Factor], str]] = {
            "none": lambda factor: factor.levels[0],
            "all": lambda factor: factor.levels[-1],
            "default": lambda factor: factor.default,
        }
        return combine(factors, {factor.name: pick[text](factor) for factor in factors})
    if text.startswith("all-"):
        off = text.removeprefix("all-").split("-")
        for name in off:
            _factor(name, known)
        on = [factor for factor in factors if factor.name not in off]
        return combine(factors, {factor.name: factor.levels[-1] for factor in on})
    levels = dict[str, str]()
    for part in text.split("+"):
        name, has_level, level = part.strip().partition("=")
        factor = _factor(name, known)
        chosen = level if has_level else factor.levels[-1]
        if chosen not in factor.levels:
            raise ValueError(
                f"flag {name} has no level {level!r}; expected: {', '.join(factor.levels)}"
            )
        if levels.setdefault(name, chosen) != chosen:
            raise ValueError(
                f"two levels of the flag {name}, {levels[name]} and {chosen}; expected: one"
            )
    return combine(factors, levels)


def _factor(name: str, known: Mapping[str, Factor]) -> Factor:
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=1)
    expected = repr(close[0]) if close else ", ".join(known) or "none: the subject has no flags"
    raise ValueError(f"unknown flag {name!r}; expected: {expected}")


def full(factors: Sequence[Factor]) -> list[Combination]:
    """Every combination: the product of all levels. Raises `ValueError` for too many."""
    count = math.prod(len(factor.levels) for factor in factors)
    if count > MAX_COMBINATIONS:
        raise ValueError(
            f"{count:,} combinations of {len(factors)} flags, more than {MAX_COMBINATIONS:,}"
        )
    names = [factor.name for factor in factors]
    rows = product(*(factor.levels for factor in reversed(factors)))
    return [combine(factors, dict(zip(reversed(names), row, strict=True))) for row in rows]


def one_at_a_time(factors: Sequence[Factor]) -> list[Combination]:
    """The control, and each level of each factor alone."""
    rows = [{factor.name: level} for factor in factors for level in factor.levels[1:]]
    return [combine(factors, row) for row in ({}, *rows)]


def leave_one_out(factors: Sequence[Factor]) -> list[Combination]:
    """All factors on, and all but one with each other level of that one."""
    on = {factor.name: factor.levels[-1] for factor in factors}
    rows = [{**on, factor.name: level} for factor in factors for level in factor.levels[:-1]]
    return [combine(factors, row) for row in (*rows, on)]


def pairwise(factors: Sequence[Factor]) -> list[Combination]:
    """A covering array of strength 2: every pair of levels of every two factors occurs.

    The rows are those of the library allpairspy, which builds the array greedily.
    """
    if len(factors) < 2:
        return full(factors)
    names = [factor.name for factor in factors]
    rows = AllPairs([list(factor.levels) for factor in factors])
    return [combine(factors, dict(zip(names, row, strict=True))) for row in rows]


def fractional(factors: Sequence[Factor]) -> list[Combination]:
    """Half of the full two-level design: the combinations with an even number of factors on.

    This half fraction, with the product of all factors as its defining relation, has the highest
    resolution, k (Box, Hunter, Hunter: Statistics for Experimenters, chapter 6). A factor of more
    than two levels takes part with its first and its last.
    """
    ends = [
        Factor(factor.name, factor.env, (factor.levels[0], factor.levels[-1])) for factor in factors
    ]
    on = {factor.name: factor.levels[-1] for factor in ends}
    rows = [{name: level for name, level in row.levels if level == on[name]} for row in full(ends)]
    return [combine(factors, row) for row in rows if len(row) % 2 == 0]


def named(factors: Sequence[Factor]) -> list[Combination]:  # noqa: ARG001  a design's signature
    """No combinations besides those that the scenario names under `combinations`."""
    return []


DESIGNS: Mapping[str, Callable[[Sequence[Factor]], list[Combination]]] = {
    "full": full,
    "one-at-a-time": one_at_a_time,
    "leave-one-out": leave_one_out,
    "pairwise": pairwise,
    "fractional": fractional,
    "named": named,
}


def unique(combinations: Iterable[Combination]) -> tuple[Combination, ...]:
    """Remove duplicate combinations, keeping the order."""
    return tuple(dict.fromkeys(combinations))
