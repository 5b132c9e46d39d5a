"""Effects of flags, against outcomes made up of known effects."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, combinations, permutations

import numpy as np
import pytest
from made_cells import PATHS, cell

from flagbench.analysis.attribution import aliases, factorial
from flagbench.analysis.attribution.design_matrix import arrange
from flagbench.analysis.attribution.effects import Attribution, Effect, MetricEffects, attribute
from flagbench.errors import InputError
from flagbench.measurement.cell_result import CellResult

FLAGS = ("cache", "compressed", "templates")


def tokens_of(on: frozenset[str], trial: int) -> int:
    """Main effects, one interaction, and trials that differ."""
    tokens = 1000 + 10 * trial
    tokens -= (
        100 * ("cache" in on) + 200 * ("compressed" in on) + (400 + trial) * ("templates" in on)
    )
    return tokens + 80 * ({"compressed", "templates"} <= on)


def name_of(on: Sequence[str], flags: Sequence[str] = FLAGS) -> str:
    """The id of a combination."""
    if not on:
        return "none"
    return "all" if len(on) == len(flags) else "+".join(on)


def cells(
    settings: Sequence[Sequence[str]],
    outcome: Callable[[frozenset[str], int], int] = tokens_of,
    trials: int = 4,
) -> list[CellResult]:
    """The cells of these settings; acceptance is of four files, one less without templates."""
    return [
        cell(
            name_of(on),
            trial=trial,
            flags=FLAGS,
            tokens=(outcome(frozenset(on), trial),),
            seconds=20.0 - 3 * len(on) + trial,
            refuted=[] if "templates" in on else PATHS[:1],
        )
        for on in settings
        for trial in range(1, trials + 1)
    ]


FULL = list(chain.from_iterable(combinations(FLAGS, size) for size in range(4)))


def metric(found: Attribution, name: str = "tokens") -> MetricEffects:
    """One metric's effects."""
    return next(one for one in found.metrics if one.metric == name)


def values(effects: Sequence[Effect]) -> dict[str, float]:
    """Flags -> value."""
    return {"+".join(one.flags): one.value for one in effects}


def test_main_effects_and_interactions_are_those_put_in() -> None:
    """An interaction of 80 where both are on is half on either main effect, and 40 by itself."""
    tokens = metric(attribute(arrange(cells(FULL))))
    assert values(tokens.main) == pytest.approx(
        {"cache": -100, "compressed": -160, "templates": -362.5}
    )
    assert values(tokens.interactions) == pytest.approx(
        {"cache+compressed": 0, "cache+templates": 0, "compressed+templates": 40}
    )


def test_alone_and_last_are_differences_of_two_runs() -> None:
    """Against none, and against all without it."""
    tokens = metric(attribute(arrange(cells(FULL))))
    assert values(tokens.alone)["templates"] == pytest.approx(-402.5)
    assert values(tokens.last)["templates"] == pytest.approx(-322.5)
    assert tokens.none == pytest.approx(1025)


@pytest.mark.parametrize("name", ["tokens", "seconds", "usd", "acceptance"])
def test_shapley_values_add_up_to_all_minus_none(name: str) -> None:
    """For every metric; each value is a sum over all orders."""
    found = metric(attribute(arrange(cells(FULL))), name)
    assert found.whole is not None and found.all is not None
    assert sum(one.value for one in found.shapley) == pytest.approx(found.whole.value)
    assert found.whole.value == pytest.approx(found.all - found.none)


def test_shapley_values_add_up_whatever_the_outcomes() -> None:
    """In each trial, for up to seven flags and random outcomes."""
    draw = np.random.default_rng(1)
    for count in range(1, 8):
        on = np.array([[bool(run >> flag & 1) for flag in range(count)] for run in range(2**count)])
        outcomes = draw.normal(size=(2**count, 3))
        shapley = factorial.shapley_values(on) @ outcomes
        assert shapley.sum(axis=0) == pytest.approx(outcomes[-1] - outcomes[0])


def test_shapley_values_are_means_over_all_orders() -> None:
    """By switching the flags on in each of the six orders."""
    tokens = metric(attribute(arrange(cells(FULL))))
    steps: dict[str, list[float]] = {flag: [] for flag in FLAGS}
    for order in permutations(FLAGS):
        on: frozenset[str] = frozenset()
        for flag in order:
            before = np.mean([tokens_of(on, trial) for trial in range(1, 5)])
            on |= {flag}
            steps[flag].append(np.mean([tokens_of(on, t) for t in range(1, 5)]) - before)
    assert values(tokens.shapley) == pytest.approx(
        {flag: np.mean(found) for flag, found in steps.items()}
    )


def test_shapleys_gloves() -> None:
    """The textbook game: two left gloves and one right; the right one is worth 2/3."""
    on = np.array([[bool(run >> flag & 1) for flag in range(3)] for run in range(8)])
    pairs = np.array([[float((one[0] or one[1]) and one[2])] for one in on])
    assert (factorial.shapley_values(on) @ pairs)[:, 0] == pytest.approx([1 / 6, 1 / 6, 2 / 3])


def test_boxs_pilot_plant() -> None:
    """Box, Hunter, Hunter, table 5.1: temperature 23, concentration -5, catalyst 1.5, TK 10."""
    yields = np.array([60, 72, 54, 68, 52, 83, 45, 80], dtype=float)
    on = np.array([[bool(run >> flag & 1) for flag in range(3)] for run in range(8)])
    assert factorial.main_effects(on) @ yields == pytest.approx([23, -5, 1.5])
    assert factorial.interactions(on) @ yields == pytest.approx([1.5, 10, 0])


def test_intervals_come_from_the_trials() -> None:
    """One that is the same in every trial has none, and neither has a single trial."""
    tokens = metric(attribute(arrange(cells(FULL))))
    by_flag = {one.flags[0]: one for one in tokens.main}
    cache, templates = by_flag["cache"], by_flag["templates"]
    assert (cache.low, cache.high, cache.p) == (None, None, 0.125)
    assert templates.low is not None and templates.high is not None
    assert templates.low < -362.5 < templates.high
    (single,) = {one.low for one in metric(attribute(arrange(cells(FULL, trials=1)))).main}
    assert single is None


def test_an_effect_that_cancels_out_is_zero() -> None:
    """What floats leave of it is no effect, and has no p value below 1."""
    found = metric(attribute(arrange(cells(FULL))), "acceptance")
    for one in found.shapley:
        if one.flags != ("templates",):
            assert (one.value, one.low, one.high, one.p) == (0.0, None, None, 1.0)


HALF = [(), ("cache", "compressed"), ("cache", "templates"), ("compressed", "templates")]


def test_a_half_fraction_tells_what_is_mixed() -> None:
    """Of three flags: each main effect is that of the other two together, with a minus."""
    found = attribute(arrange(cells(HALF)))
    assert not found.is_full
    assert found.aliased == {
        "cache": (("compressed x templates", -1.0),),
        "compressed": (("cache x templates", -1.0),),
        "templates": (("cache x compressed", -1.0),),
    }
    assert set(found.lost) == {
        "cache x compressed", "cache x templates", "compressed x templates",
    }  # fmt: skip
    tokens = metric(found)
    assert tokens.shapley == ()
    assert values(tokens.main)["cache"] == pytest.approx(-100 - 40)


def test_one_at_a_time_mixes_a_flag_with_all_its_interactions() -> None:
    """Alone it is told exactly; as a main effect it lacks the interactions."""
    found = attribute(arrange(cells([(), *((flag,) for flag in FLAGS)])))
    tokens = metric(found)
    assert values(tokens.alone)["templates"] == pytest.approx(-402.5)
    assert tokens.last == ()
    assert dict(found.aliased["templates"])["compressed x templates"] == pytest.approx(-1)
    assert values(tokens.main)["templates"] == pytest.approx(-362.5 - 40)


def test_the_half_of_four_flags_keeps_main_effects_clear() -> None:
    """Resolution IV: mixed with three flags together, not with two."""
    flags = ("a", "b", "c", "d")
    on = np.array([
        [bool(run >> flag & 1) for flag in range(4)]
        for run in range(16)
        if bin(run).count("1") % 2 == 0
    ])  # fmt: skip
    model = aliases.fit(on, flags)
    assert model.terms == (("a",), ("b",), ("c",), ("d",))
    # With an even number on, an even number is off: the product of all signs is +1.
    assert model.aliases[0] == ((("b", "c", "d"), 1.0),)


def test_a_flag_that_cannot_be_told_is_lost() -> None:
    """Two flags that were only switched together."""
    on = np.array([[False, False], [True, True]])
    model = aliases.fit(on, ("a", "b"))
    assert model.terms == (("a",),)
    assert model.lost == (("b",), ("a", "b"))
    assert dict(model.aliases[0]) == {("b",): 1.0}


def test_levels_between_off_and_on_are_left_out() -> None:
    """On is what `all` has."""
    made = cells(FULL)
    middle = replace(made[0], combination="cache=half", flags={**made[0].flags, "cache": "half"})
    design = arrange([*made, middle])
    assert design.left_out == ("cache=half",)
    assert design.is_full


def test_levels_without_a_run_of_all_are_refused() -> None:
    """Which of them is on is then unknown."""
    made = cells(HALF)
    middle = replace(made[0], combination="cache=half", flags={**made[0].flags, "cache": "half"})
    with pytest.raises(InputError, match="flag cache has the levels half, true"):
        arrange([*made, middle])


def test_results_without_a_control_or_a_flag_are_refused() -> None:
    """Nothing can be attributed."""
    with pytest.raises(InputError, match="no control"):
        arrange(cells([("cache",)]))
    with pytest.raises(InputError, match="no flag was varied"):
        arrange(cells([()]))


def test_only_trials_of_every_run_are_used() -> None:
    """A trial that one run lacks has no pair there."""
    made = [one for one in cells(FULL) if (one.combination, one.trial) != ("all", 4)]
    design = arrange(made)
    assert design.trials == (1, 2, 3)
    assert design.trials_left_out == {4: ("all",)}
    assert attribute(design).trials_left_out == design.trials_left_out
    assert arrange(cells(FULL)).trials_left_out == {}
