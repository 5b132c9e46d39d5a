"""Intervals of differences and ratios, against scipy and by their properties."""

import numpy as np
import pytest
from scipy import stats

from flagbench.analysis.statistics import intervals
from flagbench.analysis.statistics.intervals import About, Method

DRAW = np.random.default_rng(11)
FIVE = DRAW.normal([100, 80], [10, 8], (5, 2))
TWELVE = DRAW.normal([100, 80], [10, 8], (12, 2))


def test_few_trials_have_students_interval() -> None:
    """Of five, as scipy's paired t test has it."""
    found = intervals.difference([FIVE], About.TRIALS)
    test = stats.ttest_rel(FIVE[:, 1], FIVE[:, 0])
    limits = test.confidence_interval(0.95)
    assert found.method is Method.STUDENT
    assert found.value == pytest.approx((FIVE[:, 1] - FIVE[:, 0]).mean())
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high))
    assert found.p == pytest.approx(test.pvalue)
    assert found.freedom == pytest.approx(4)


def test_more_trials_are_resampled() -> None:
    """A bootstrap-t by hand, with other draws, comes to nearly the same limits."""
    found = intervals.difference([TWELVE], About.TRIALS)
    apart = TWELVE[:, 1] - TWELVE[:, 0]
    drawn = apart[np.random.default_rng(1).integers(0, 12, (40_000, 12))]
    errors = drawn.std(axis=1, ddof=1) / np.sqrt(12)
    low, high = np.quantile((drawn.mean(axis=1) - apart.mean()) / errors, [0.025, 0.975])
    error = stats.sem(apart)
    expected = (apart.mean() - high * error, apart.mean() - low * error)
    assert found.method is Method.BOOTSTRAP
    assert (found.low, found.high) == pytest.approx(expected, rel=0.04)


def test_the_p_value_and_the_interval_agree() -> None:
    """An effect just inside the interval is not rejected, one just outside is."""
    found = intervals.difference([TWELVE], About.TRIALS)
    assert found.high is not None
    for off, is_rejected in ((-0.01, False), (0.01, True)):
        moved = TWELVE - np.array([0.0, found.high + off])
        p = intervals.difference([moved], About.TRIALS).p
        assert p is not None
        assert (p <= 0.05) is is_rejected


def test_scenarios_are_what_counts_when_it_is_about_them() -> None:
    """Trials that hardly differ do not narrow an interval over scenarios that do."""
    effects = np.array([-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0])
    groups = [np.array([[100.0, 100 + x], [101.0, 101.2 + x]]) for x in effects]
    over_scenarios = intervals.difference(groups, About.SCENARIOS)
    over_trials = intervals.difference(groups, About.TRIALS)
    assert over_scenarios.value == over_trials.value == pytest.approx(0.1)
    assert over_scenarios.low is not None and over_scenarios.high is not None
    assert over_trials.low is not None and over_trials.high is not None
    assert over_scenarios.high - over_scenarios.low > 35
    assert over_trials.high - over_trials.low < 1


def test_every_scenario_counts_the_same() -> None:
    """However many trials it has, and however large it is."""
    small = np.array([[10.0, 5.0]] * 2)
    large = np.array([[1000.0, 2000.0]] * 6)
    ratio = intervals.log_ratio([small, large], About.SCENARIOS)
    assert np.exp(ratio.value) == pytest.approx(1.0)
    assert intervals.difference([small, large], About.SCENARIOS).value == (1000 - 5) / 2


def test_a_ratio_does_not_depend_on_the_unit() -> None:
    """Cents or dollars."""
    first = intervals.log_ratio([TWELVE], About.TRIALS)
    again = intervals.log_ratio([TWELVE * 100], About.TRIALS)
    assert (first.low, first.high) == pytest.approx((again.low, again.high))


def test_a_ratio_turned_round_is_its_inverse() -> None:
    """A against B."""
    forth = intervals.log_ratio([FIVE], About.TRIALS)
    back = intervals.log_ratio([FIVE[:, ::-1]], About.TRIALS)
    assert forth.low is not None and forth.high is not None
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))


def test_what_is_the_same_in_every_trial_has_no_width() -> None:
    """Nothing is a sure 0; a constant effect has the chance that n coins agree."""
    same = np.array([[10.0, 10.0], [20.0, 20.0], [30.0, 30.0]])
    nothing = intervals.difference([same], About.TRIALS)
    assert (nothing.low, nothing.high, nothing.p) == (0.0, 0.0, 1.0)
    constant = intervals.difference([same - np.array([0.0, 0.1])], About.TRIALS)
    assert constant.method is Method.CONSTANT
    assert constant.p == 0.25
    assert constant.low == pytest.approx(-0.1)


@pytest.mark.parametrize(("about", "p"), [(About.SCENARIOS, 0.5), (About.TRIALS, 0.5**9)])
def test_the_chance_that_all_agree_is_of_what_it_is_about(about: About, p: float) -> None:
    """Of two scenarios with five trials each: two coins, or ten."""
    groups = [np.array([[100.0, 90.0]] * 5), np.array([[200.0, 190.0]] * 5)]
    found = intervals.difference(groups, about)
    assert (found.method, found.p) == (Method.CONSTANT, p)


def test_one_recording_has_no_interval() -> None:
    """One trial of one scenario, one trial among several, and recordings by themselves."""
    one = np.array([[10.0, 5.0]])
    for groups, about in (
        ([one], About.TRIALS),
        ([one], About.SCENARIOS),
        ([TWELVE, one], About.TRIALS),
        ([TWELVE], About.RECORDINGS),
    ):
        found = intervals.difference(groups, about)
        assert (found.low, found.high, found.p, found.method) == (None, None, None, Method.NONE)


def test_one_scenario_that_differs_falls_back_to_student() -> None:
    """Resamples without it would have no spread to divide by."""
    flat = np.array([[10.0, 10.0], [11.0, 11.0]])
    groups = [flat] * 7 + [np.array([[10.0, 8.0], [11.0, 8.5]])]
    found = intervals.difference(groups, About.SCENARIOS)
    assert found.method is Method.STUDENT
    assert found.high is not None and found.high > 0


def test_a_value_of_zero_has_no_ratio_limits() -> None:
    """A single zero leaves the ratio of means; a mean of zero leaves nothing."""
    some = np.array([[10.0, 0.0], [10.0, 5.0], [10.0, 5.0]])
    found = intervals.log_ratio([some], About.TRIALS)
    assert np.exp(found.value) == pytest.approx(1 / 3)
    assert found.low is None
    with pytest.raises(ValueError, match="positive"):
        intervals.log_ratio([some * np.array([1.0, 0.0])], About.TRIALS)


def test_the_bootstrap_is_the_same_every_time() -> None:
    """To the last digit."""
    groups = [TWELVE, TWELVE * 2, FIVE, FIVE * 3, FIVE + 1, TWELVE + 5]
    first = intervals.log_ratio(groups, About.SCENARIOS)
    assert first == intervals.log_ratio(groups, About.SCENARIOS)
    assert first.method is Method.BOOTSTRAP
