"""A comparison put together from made-up cells, whose figures can be worked out by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from made_cells import PATHS, cell
from scipy import stats

from flagbench.analysis.comparison import comparison, gate, judging, pairing
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import Answer
from flagbench.analysis.comparison.metrics import MetricResult
from flagbench.analysis.statistics.intervals import About
from flagbench.analysis.statistics.power import smallest_effect
from flagbench.errors import InputError
from flagbench.measurement.cell_result import CellResult

A_TOKENS = [[1000, 2000], [1100, 2100], [900, 2200], [1050, 1900], [980, 2020]]
B_TOKENS = [[500, 2000], [510, 1500], [530, 1600], [490, 1450], [520, 1400]]


def sides(scenario: str = "one") -> tuple[list[CellResult], list[CellResult]]:
    """Five trials of two requests; B uses less, takes longer and accepts one file more."""
    a = [
        cell(scenario=scenario, trial=t, tokens=tokens, seconds=10.0 + t, refuted=PATHS[:2])
        for t, tokens in enumerate(A_TOKENS, start=1)
    ]
    b = [
        cell("all", scenario=scenario, trial=t, tokens=tokens, seconds=12.0 + 2 * t,
             refuted=PATHS[:1])
        for t, tokens in enumerate(B_TOKENS, start=1)
    ]  # fmt: skip
    return a, b


def compared(about: About | None = None, *scenarios: str) -> Comparison:
    """The comparison of these scenarios."""
    every = [sides(name) for name in scenarios or ("one",)]
    pairs = pairing.pair([x for a, _ in every for x in a], [x for _, b in every for x in b])
    return comparison.compare(pairs, about or comparison.usual_scope(pairs))


def metric(found: Comparison, name: str) -> MetricResult:
    """One of its metrics."""
    result = found.metric(name)
    assert result is not None
    return result


def test_an_amount_has_values_difference_ratio_and_effect() -> None:
    """Per request; the ratio is that of the means, and Student's interval that of scipy."""
    found = compared()
    tokens = metric(found, "tokens")
    a, b = np.array(A_TOKENS).sum(axis=1) / 2, np.array(B_TOKENS).sum(axis=1) / 2
    assert (tokens.a, tokens.b) == pytest.approx((a.mean(), b.mean()))
    assert tokens.ratio.value == pytest.approx(b.mean() / a.mean())
    limits = stats.ttest_rel(b, a).confidence_interval(0.95)
    assert (tokens.difference.low, tokens.difference.high) == pytest.approx(
        (limits.low, limits.high)
    )
    assert (found.scenarios, found.cells, found.requests, found.about) == (1, 5, 10, About.TRIALS)


def test_effects_of_tokens_are_over_requests_and_of_seconds_over_cells() -> None:
    """Nine of ten requests fell and one stayed; every cell took longer."""
    found = compared()
    assert (metric(found, "tokens").effect, metric(found, "tokens").units) == (-1.0, 10)
    assert (metric(found, "calls").effect, metric(found, "calls").units) == (0.0, 10)
    assert (metric(found, "seconds").effect, metric(found, "seconds").units) == (1.0, 5)


def test_a_rate_is_over_all_files() -> None:
    """Two of eight files fail in A, one of them in B, in five trials that agree."""
    acceptance = metric(compared(), "acceptance")
    assert (acceptance.a, acceptance.b, acceptance.units) == (0.75, 0.875, 40)
    assert acceptance.difference.value == 0.125
    assert acceptance.ratio.value == pytest.approx(0.875 / 0.75)
    assert acceptance.p == 1.0
    assert (acceptance.method, acceptance.ratio_method) == ("exact", "hybrid Wilson score")
    assert metric(compared(), "approval").difference.value == 0.0


def test_holm_counts_every_metric_that_was_tested() -> None:
    """Six of them; the smallest p value is multiplied by six."""
    found = compared()
    smallest = min(found.metrics, key=lambda one: one.p if one.p is not None else 2.0)
    assert len(found.metrics) == 6
    assert smallest.p is not None
    assert smallest.p_holm == pytest.approx(6 * smallest.p)


def test_one_trial_is_exact_for_its_recordings_and_no_more() -> None:
    """Differences without limits or p values, and a gate that cannot conclude unless asked."""
    a, b = sides()
    pairs = pairing.pair(a[:1], b[:1])
    assert comparison.usual_scope(pairs) is About.RECORDINGS
    found = comparison.compare(pairs, About.RECORDINGS)
    for one in found.metrics:
        assert (one.difference.low, one.ratio.low, one.p, one.p_holm) == (None,) * 4
        assert one.difference.value is not None
    for about, answer in ((About.RECORDINGS, Answer.FAIL), (About.TRIALS, Answer.INCONCLUSIVE)):
        again = comparison.compare(pairs, about)
        (judged,) = judging.judge(again, [gate.parse("seconds > +10%")])
        assert judged.answer is answer


def test_several_scenarios_are_about_scenarios() -> None:
    """Unless somebody says otherwise."""
    names = [f"s{place}" for place in range(6)]
    assert compared(None, *names).about is About.SCENARIOS
    assert compared(About.TRIALS, *names).about is About.TRIALS


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("tokens > +2%", Answer.PASS),
        ("seconds > +2%", Answer.FAIL),
        ("seconds > +1", Answer.FAIL),
        ("seconds > +30%", Answer.INCONCLUSIVE),
        ("acceptance < -3pp", Answer.INCONCLUSIVE),
        ("acceptance < +10pp", Answer.INCONCLUSIVE),
    ],
)
def test_gates(text: str, answer: Answer) -> None:
    """Each of the three answers, for shares, own units and points.

    The smallest effect that would FAIL is beyond the bound; no rate of A can fall by so much.
    """
    found = compared()
    (judged,) = judging.judge(found, [gate.parse(text)])
    assert judged.answer is answer
    if text == "acceptance < -3pp":
        acceptance = found.metric("acceptance")
        assert acceptance is not None and acceptance.smallest is not None
        assert acceptance.a - 0.03 - acceptance.smallest < 0
        assert judged.smallest is None
        return
    assert judged.smallest is not None
    assert gate.fails(judged.condition, judged.smallest)


def test_the_smallest_detectable_effect_is_found_four_times_in_five() -> None:
    """Simulated: trials with a true effect of that size have an interval without 0."""
    draw = np.random.default_rng(4)
    deviation, trials = 10.0, 5
    error = deviation / math.sqrt(trials)
    half = stats.t.ppf(0.975, trials - 1) * error
    smallest = smallest_effect(-half, half, trials - 1)
    assert smallest is not None
    drawn = draw.normal(smallest, deviation, (20_000, trials))
    t = drawn.mean(axis=1) / (drawn.std(axis=1, ddof=1) / math.sqrt(trials))
    found = (t > stats.t.ppf(0.975, trials - 1)).mean()
    assert 0.75 < found < 0.9


def test_what_was_not_measured_is_said_and_gates_nothing() -> None:
    """No price, and nothing proven."""
    other = {"usd": None, "price_since": None, "rates": {}}
    pairs = pairing.pair([cell(**other)], [cell("all", **other)])
    found = comparison.compare(pairs, About.RECORDINGS)
    assert [one.metric for one in found.metrics] == ["tokens", "seconds", "calls", "approval"]
    assert found.absent[0] == "usd: not every cell has a price"
    with pytest.raises(InputError, match="usd was not measured"):
        judging.judge(found, [gate.parse("usd > 1%"), gate.parse("tokens > 1%")])


def test_a_share_of_nothing_is_inconclusive() -> None:
    """A used no tokens at all."""
    pairs = pairing.pair(
        [cell(tokens=(0,), trial=t) for t in (1, 2)],
        [cell("all", tokens=(9,), trial=t) for t in (1, 2)],
    )
    found = comparison.compare(pairs, About.TRIALS)
    assert metric(found, "tokens").ratio.value is None
    (judged,) = judging.judge(found, [gate.parse("tokens > 1%")])
    assert (judged.answer, judged.measured) == (Answer.INCONCLUSIVE, None)


def test_compared_with_itself_nothing_differs() -> None:
    """Every difference is 0, every ratio 1, no p value is below 1."""
    a, _ = sides()
    found = comparison.compare(pairing.pair(a, a), About.TRIALS)
    for one in found.metrics:
        assert (one.difference.value, one.ratio.value, one.effect, one.p) == (0.0, 1.0, 0.0, 1.0)


def order(found: Sequence[MetricResult]) -> list[str]:
    """Names in order."""
    return [one.metric for one in found]


def test_metrics_come_in_one_order() -> None:
    """Amounts, then rates."""
    expected = ["tokens", "seconds", "usd", "calls", "approval", "acceptance"]
    assert order(compared().metrics) == expected
