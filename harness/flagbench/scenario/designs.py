"""Factors and designs: which combinations of levels a scenario is run under."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product

from allpairspy import AllPairs

from flagbench.subject import Factor


@dataclass(frozen=True, slots=True)
class Combination:
    """One level for every factor; `levels` are (factor name, level) in the factors' order."""

    id: str
    levels: tuple[tuple[str, str], ...]


# Names of whole combinations, which no factor may have.
PRESETS = ("none", "all", "default")


def combine(factors: Sequence[Factor], levels: Mapping[str, str]) -> Combination:
    """The combination with these levels; a factor that is not named is off.

    Its id names what is on, `none`, `all`, or `all-x` when only x is off.
    """
    chosen = tuple((one.name, levels.get(one.name, one.levels[0])) for one in factors)
    on = [
        one.name if len(one.levels) == 2 else f"{one.name}={level}"
        for one, (_, level) in zip(factors, chosen, strict=True)
        if level != one.levels[0]
    ]
    full = [
        one.name for one, (_, level) in zip(factors, chosen, strict=True) if level == one.levels[-1]
    ]
    if not on:
        name = "none"
    elif len(full) == len(factors):
        name = "all"
    elif len(full) == len(factors) - 1 == len(on) and len(factors) > 2:
        name = "all-" + next(one.name for one in factors if one.name not in full)
    else:
        name = "+".join(on)
    return Combination(name, chosen)


def parse(text: str, factors: Sequence[Factor]) -> Combination:
    """The combination that a text names: `none`, `all`, `default`, `all-x-y` or `x+y=level`.

    Raises `ValueError` that says what is unknown and what would be right.
    """
    known = {one.name: one for one in factors}
    text = text.strip()
    if text in PRESETS:
        pick: dict[str, Callable[[Factor], str]] = {
            "none": lambda one: one.levels[0],
            "all": lambda one: one.levels[-1],
            "default": lambda one: one.default,
        }
        return combine(factors, {one.name: pick[text](one) for one in factors})
    if text.startswith("all-"):
        off = text.removeprefix("all-").split("-")
        for name in off:
            _known(name, known)
        return combine(
            factors, {one.name: one.levels[-1] for one in factors if one.name not in off}
        )
    levels = {}
    for part in text.split("+"):
        name, _, level = part.strip().partition("=")
        factor = _known(name, known)
        levels[name] = level or factor.levels[-1]
        if levels[name] not in factor.levels:
            raise ValueError(
                f"flag {name} has no level {level!r}; it has {', '.join(factor.levels)}"
            )
    return combine(factors, levels)


def _known(name: str, known: Mapping[str, Factor]) -> Factor:
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
    raise ValueError(f"unknown flag {name!r}; {hint}")


def full(factors: Sequence[Factor]) -> list[Combination]:
    """Every combination: the product of all levels."""
    names = [one.name for one in factors]
    rows = product(*(one.levels for one in reversed(factors)))
    return [combine(factors, dict(zip(reversed(names), row, strict=True))) for row in rows]


def one_at_a_time(factors: Sequence[Factor]) -> list[Combination]:
    """The control, and each level of each factor alone."""
    rows = [{one.name: level} for one in factors for level in one.levels[1:]]
    return [combine(factors, row) for row in ({}, *rows)]


def leave_one_out(factors: Sequence[Factor]) -> list[Combination]:
    """Everything on, and everything with each factor taken back."""
    on = {one.name: one.levels[-1] for one in factors}
    rows = [{**on, one.name: level} for one in factors for level in one.levels[:-1]]
    return [combine(factors, row) for row in (*rows, on)]


def pairwise(factors: Sequence[Factor]) -> list[Combination]:
    """Few combinations in which every pair of levels of every two factors occurs.

    The rows are those of the library allpairspy (a greedy covering array).
    """
    if len(factors) < 2:
        return full(factors)
    names = [one.name for one in factors]
    rows = AllPairs([list(one.levels) for one in factors])
    return [combine(factors, dict(zip(names, row, strict=True))) for row in rows]


def fractional(factors: Sequence[Factor]) -> list[Combination]:
    """Half of the full two-level design: the combinations with an even number of factors on.

    That is the half fraction with the product of all factors as its defining relation, the one of
    the highest resolution, k (Box, Hunter, Hunter: Statistics for Experimenters, chapter 6). A
    factor of many levels takes part with its first and its last.
    """
    ends = [Factor(one.name, one.env, (one.levels[0], one.levels[-1])) for one in factors]
    on = {one.name: one.levels[-1] for one in ends}
    rows = [{name: level for name, level in row.levels if level == on[name]} for row in full(ends)]
    return [combine(factors, row) for row in rows if len(row) % 2 == 0]


def named(factors: Sequence[Factor]) -> list[Combination]:  # noqa: ARG001  a design's signature
    """Only what the scenario names under `combinations`."""
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
    """The same combinations, each once, in the order of their first appearance."""
    return tuple(dict.fromkeys(combinations))
