"""A gate that is asked after every trial: its limits, and its wrong answers."""

import math

import numpy as np
import pytest
from sequential_study import NOISE, SIDES, UNEVEN, rates

from flagbench.analysis.comparison import gate, sequential
from flagbench.analysis.comparison.gate import Answer
from flagbench.analysis.statistics import confidence_sequence


def bayes_factor(values: list[float], mean: float, prior: float) -> float:
    """The factor against a mean, by its integral over the effect size and the variance."""
    sizes = np.linspace(-12, 12, 4_001)
    deviations = np.exp(np.linspace(-8, 8, 2_001))
    squares = sum((value - mean) ** 2 for value in values)
    total, count = sum(value - mean for value in values), len(values)

    def likelihood(size: np.ndarray) -> np.ndarray:
        scaled = squares / deviations[:, None] ** 2 - 2 * size * total / deviations[:, None]
        log = -0.5 * (scaled + count * size**2) - count * np.log(deviations)[:, None]
        return np.exp(log).sum(axis=0)

    weights = np.exp(-(sizes**2) / (2 * prior))
    mixed = (likelihood(sizes) * weights / weights.sum()).sum()
    return float(mixed / likelihood(np.zeros(1))[0])


@pytest.mark.parametrize("prior", [0.5, 1.0])
def test_the_limits_are_where_the_bayes_factor_is_20(prior: float) -> None:
    """As an integral over both priors says, without the formula."""
    values = [0.2, 0.5, 0.1, 0.4, 0.35, 0.3, 0.15, 0.42]
    found = confidence_sequence.limits(values, prior=prior)
    assert found is not None
    for limit in found:
        assert bayes_factor(values, limit, prior) == pytest.approx(20, rel=0.02)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 1.1, 0.9, 1.2], [1.0] * 50])
def test_too_few_values_and_equal_ones_exclude_nothing(values: list[float]) -> None:
    """Values that do not vary are no evidence that none would."""
    assert confidence_sequence.limits(values) is None


@pytest.mark.parametrize("noise", NOISE)
def test_at_most_1_in_20_answers_is_wrong_over_all_stopping_times(noise: str) -> None:
    """At the bound, where either answer is wrong; 200 comparisons of up to 40 trials."""
    fails, passes, _, _ = rates(SIDES[noise], gate.parse("tokens > +2%").bound, 200)
    assert fails + passes <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 200)


@pytest.mark.parametrize("noise", UNEVEN)
def test_a_side_that_alone_is_skewed_gets_more_wrong_answers(noise: str) -> None:
    """As many as docs/changed-prompts.md says; a rise of the mean hardly ever PASSes."""
    bound, beyond = (rates(SIDES[noise], change, 200) for change in (0.02, 0.10))
    assert sum(bound[:2]) <= 0.20
    assert beyond[1] <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 200)


def test_a_large_change_is_seen_and_the_recording_ends() -> None:
    """After far fewer trials than there may be."""
    fails, passes, _, trials = rates(SIDES["spread 6 %"], 0.25, 50)
    assert (fails, passes) == (1.0, 0.0)
    assert trials < 12


@pytest.mark.parametrize(
    ("text", "pairs", "answer"),
    [
        ("tokens > +2%", [(100, 150 + n % 3) for n in range(9)], Answer.FAIL),
        ("tokens > +2%", [(100, 50 + n % 3) for n in range(9)], Answer.PASS),
        ("tokens < -2%", [(100, 50 + n % 3) for n in range(9)], Answer.FAIL),
        ("seconds > 10", [(0, 50 + n % 3) for n in range(9)], Answer.FAIL),
        ("tokens > +2%", [(100, 150), (100, 151)], Answer.INCONCLUSIVE),
    ],
)
def test_answers(text: str, pairs: list[tuple[float, float]], answer: Answer) -> None:
    """By where the limits lie; several gates make them wider."""
    condition = gate.parse(text)
    one, three = (sequential.look(condition, pairs, gates) for gates in (1, 3))
    assert one.answer == three.answer == answer
    if one.low is not None and three.low is not None:
        assert three.low < one.low


def test_the_limits_of_a_ratio_are_the_ratios_that_the_differences_do_not_exclude() -> None:
    """At either limit, 0 is a limit of the mean of B - ratio * A."""
    draw = np.random.default_rng(4)
    luck = draw.normal(0, 0.1, 12)
    a, b = np.exp(luck), 1.2 * np.exp(luck + draw.normal(0, 0.2, 12))
    pairs = [(float(left), float(right)) for left, right in zip(a, b, strict=True)]
    found = confidence_sequence.ratio_limits(pairs)
    assert found is not None
    low, high = found
    assert low < b.mean() / a.mean() < high
    for ratio, place in ((low, 0), (high, 1)):
        differences = confidence_sequence.limits([right - ratio * left for left, right in pairs])
        assert differences is not None
        assert differences[place] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [(1.0, 1.0), (1.0, 1.1), (1.0, 1.2), (1.0, 1.3)],
        [(1.0 + n, 1.1 * (1.0 + n)) for n in range(20)],
        [(10.0**n, 1.0 + n % 2) for n in range(8)],
    ],
)
def test_ratios_that_are_few_or_alike_or_of_anything_have_no_limits(
    pairs: list[tuple[float, float]],
) -> None:
    """The last A varies so much that its mean may be near 0, and the ratio anything."""
    assert confidence_sequence.ratio_limits(pairs) is None


RARELY_DEAR = [(100 + n % 3, 100 * (0.4, 0.4, 0.6, 3.0)[n % 4]) for n in range(100)]


def test_a_bound_in_per_cent_is_one_on_the_means_as_compare_has_it() -> None:
    """Three of four B save half, and the fourth costs so much that all together cost more."""
    look = sequential.look(gate.parse("tokens > +2%"), RARELY_DEAR)
    a, b = (sum(side) for side in zip(*RARELY_DEAR, strict=True))
    assert look.measured == pytest.approx(b / a - 1)
    assert look.answer is Answer.INCONCLUSIVE
    assert look.low is not None and look.high is not None
    assert look.low < look.measured < look.high


def test_a_share_of_nothing_is_refused() -> None:
    """It says which bound would do."""
    with pytest.raises(ValueError, match="not in %"):
        sequential.look(gate.parse("tokens > +2%"), [(0, 1)])
