"""Factors, combinations, designs: names that read, and name one thing each."""

from collections.abc import Callable, Sequence
from itertools import combinations, product

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagbench.cli.record import record
from flagbench.pytest_plugin import options
from flagbench.scenario import designs
from flagbench.subject import Factor

Design = Callable[[Sequence[Factor]], list[designs.Combination]]
ON_OFF = tuple(Factor(name, name.upper()) for name in ("cache", "templates", "retry"))
DEPTH = Factor("depth", "DEPTH", ("low", "mid", "high"), default="mid")
FACTORS = st.lists(
    st.builds(
        lambda name, levels: Factor(name, name.upper(), levels),
        st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(
            lambda name: name not in ("none", "all", "default")
        ),
        st.sampled_from([("false", "true"), ("low", "mid", "high")]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.name,
).map(tuple)


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        ({}, "none"),
        ({"cache": "true"}, "cache"),
        ({"cache": "true", "retry": "true"}, "all-templates"),
        ({"cache": "true", "templates": "true", "retry": "true"}, "all"),
    ],
)
def test_a_combination_is_named_by_what_is_on(levels: dict[str, str], name: str) -> None:
    """Or, where one is missing, by what is off."""
    assert designs.combine(ON_OFF, levels).id == name


def test_two_factors_are_never_named_by_what_is_off() -> None:
    """`cache` says it shorter than `all-templates`."""
    assert designs.combine(ON_OFF[:2], {"cache": "true"}).id == "cache"


def test_a_level_in_between_is_named() -> None:
    """A factor of three levels says which one."""
    factors = (*ON_OFF, DEPTH)
    assert designs.combine(factors, {"cache": "true", "depth": "mid"}).id == "cache+depth=mid"
    assert designs.combine(factors, {"depth": "high"}).id == "depth=high"


@given(FACTORS)
def test_every_name_names_its_combination_again(factors: tuple[Factor, ...]) -> None:
    """What a report shows can be typed; no two combinations share a name."""
    every = designs.full(factors)
    assert [designs.parse(one.id, factors) for one in every] == every
    assert len({one.id for one in every}) == len(every)


def test_names_that_people_type() -> None:
    """Another order, blanks, several off, a level, the defaults."""
    factors = (*ON_OFF, DEPTH)
    assert designs.parse("retry + cache", factors) == designs.parse("cache+retry", factors)
    assert designs.parse("all-cache-retry", factors).id == "templates+depth=high"
    assert designs.parse("depth=mid", factors).levels[-1] == ("depth", "mid")
    assert designs.parse("default", factors).id == "depth=mid"
    assert designs.parse(" none ", factors).id == "none"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tmplates", "unknown flag 'tmplates'; expected: 'templates'"),
        ("cache+zzz", "unknown flag 'zzz'; expected: cache, templates, retry, depth"),
        ("all-chace", "unknown flag 'chace'; expected: 'cache'"),
        ("depth=deep", "flag depth has no level 'deep'; expected: low, mid, high"),
        ("", "unknown flag ''; expected: cache, templates, retry, depth"),
    ],
)
def test_an_unknown_name_is_told_with_what_would_be_right(text: str, told: str) -> None:
    """The nearest name, or all of them."""
    with pytest.raises(ValueError, match=r"no level|unknown") as caught:
        designs.parse(text, (*ON_OFF, DEPTH))
    assert str(caught.value) == told


def test_full_is_every_combination_once_the_control_first() -> None:
    """The product of all levels."""
    every = designs.full((*ON_OFF, DEPTH))
    assert len(set(every)) == len(every) == 2**3 * 3
    assert every[0].id == "none"
    assert every[-1].id == "all"


@pytest.mark.parametrize("design", [designs.full, designs.fractional])
def test_a_design_without_end_is_refused_at_once(design: Design) -> None:
    """Forty flags have a million million combinations; 14 flags, all of them, are still run."""
    flags = tuple(Factor(f"f_{place}", f"F_{place}") for place in range(40))
    with pytest.raises(ValueError, match="1,099,511,627,776 combinations of 40 flags, more than"):
        design(flags)
    assert len(designs.full(flags[:14])) == designs.MAX_COMBINATIONS


def test_one_at_a_time() -> None:
    """The control, and each level alone."""
    ids = [one.id for one in designs.one_at_a_time((*ON_OFF[:2], DEPTH))]
    assert ids == ["none", "cache", "templates", "depth=mid", "depth=high"]


def test_leave_one_out() -> None:
    """Everything, and everything but one."""
    ids = [one.id for one in designs.leave_one_out(ON_OFF)]
    assert ids == ["all-cache", "all-templates", "all-retry", "all"]


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_pairwise_has_every_pair_and_fewer_rows(count: int) -> None:
    """Every two levels of every two factors meet in some row."""
    factors = tuple(Factor(f"f{n}", f"F{n}", ("off", "mid", "on")) for n in range(count))
    rows = [dict(one.levels) for one in designs.pairwise(factors)]
    for first, second in combinations(factors, 2):
        met = {(row[first.name], row[second.name]) for row in rows}
        assert met == set(product(first.levels, second.levels))
    assert len(rows) <= 3**count
    assert count < 3 or len(rows) < 3**count


def test_fractional_is_the_half_in_which_main_effects_stand_apart() -> None:
    """Every level of every factor as often as its other, and every pair of levels as well."""
    factors = tuple(Factor(f"f{n}", f"F{n}") for n in range(4))
    rows = [dict(one.levels) for one in designs.fractional(factors)]
    assert len(rows) == len({tuple(one.items()) for one in rows}) == 8
    for first, second in combinations(factors, 2):
        met = [(row[first.name], row[second.name]) for row in rows]
        assert all(met.count(pair) == 2 for pair in product(first.levels, second.levels))
    assert designs.fractional(ON_OFF)[0].id == "none"


def test_fractional_takes_the_ends_of_many_levels() -> None:
    """The level in between is left out."""
    ids = [one.id for one in designs.fractional((*ON_OFF[:1], DEPTH))]
    assert ids == ["none", "all"]


def test_designs_by_name_and_the_same_rows_once() -> None:
    """`named` adds nothing of its own; a combination that comes again is dropped."""
    assert designs.DESIGNS["named"](ON_OFF) == []
    rows = [*designs.one_at_a_time(ON_OFF), *designs.full(ON_OFF)]
    assert designs.unique(rows)[:4] == tuple(designs.one_at_a_time(ON_OFF))
    assert len(designs.unique(rows)) == 8


def test_a_scenario_without_factors_is_its_control() -> None:
    """Every design of nothing has nothing on."""
    assert {one.id for one in designs.full(())} == {"none"}
    assert {one.id for one in designs.one_at_a_time(())} == {"none"}


def test_every_command_takes_the_same_designs() -> None:
    """The plugin writes them out, since it imports nothing before a scenario is collected."""
    (design,) = (each for each in record.params if each.name == "design")
    assert isinstance(design.type, click.Choice)
    expected = sorted(set(designs.DESIGNS) - {"named"})
    assert list(options.DESIGNS) == list(design.type.choices) == expected
