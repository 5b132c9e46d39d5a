"""The gate's language, and its three answers."""

import pytest

from flagbench.analysis.comparison import gate
from flagbench.analysis.comparison.gate import Answer, Unit


@pytest.mark.parametrize(
    ("text", "metric", "relation", "bound", "unit"),
    [
        ("tokens > +2%", "tokens", ">", 0.02, Unit.PERCENT),
        ("acceptance<-3pp", "acceptance", "<", -0.03, Unit.POINTS),
        ("acceptance_rate < -3 pp", "acceptance", "<", -0.03, Unit.POINTS),
        ("dollars >= 0.001", "usd", ">=", 0.001, Unit.OWN),
        ("seconds <= -1.5", "seconds", "<=", -1.5, Unit.OWN),
    ],
)
def test_a_condition_is_read(
    text: str, metric: str, relation: str, bound: float, unit: Unit
) -> None:
    """Metric, relation, bound and unit, with or without spaces."""
    found = gate.parse(text)
    assert (found.metric, found.relation, found.bound, found.unit) == (
        metric, relation, pytest.approx(bound), unit,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tokens", "not a condition"),
        ("tokens == 3", "not a condition"),
        ("tokens > 2 % more", "not a condition"),
        ("token > 2%", "unknown metric 'token'; expected: tokens"),
        ("acceptance < -3%", "percentage points"),
        ("acceptance < -0.03", "percentage points"),
        ("tokens > 2pp", "not a rate"),
        ("tokens < -150%", "nothing can fall by 100 % or more; expected: a bound above -100%"),
        ("tokens <= -100%", "nothing can fall by 100 % or more"),
        ("acceptance < -150pp", "no rate changes by more than 100 pp; expected: a bound between"),
        ("acceptance > 101pp", "no rate changes by more than 100 pp"),
        ("acceptance > +100pp", "no rate changes by more than 100 pp"),
        ("acceptance < -100pp", "no rate changes by more than 100 pp"),
    ],
)
def test_what_is_no_condition_is_told_with_the_right_form(text: str, words: str) -> None:
    """A share of a rate would be read as points by half of the readers."""
    with pytest.raises(ValueError, match=words):
        gate.parse(text)


@pytest.mark.parametrize(
    ("text", "low", "high", "answer"),
    [
        ("tokens > +2%", 0.03, 0.08, Answer.FAIL),
        ("tokens > +2%", -0.08, 0.02, Answer.PASS),
        ("tokens >= +2%", -0.08, 0.02, Answer.INCONCLUSIVE),
        ("tokens > +2%", 0.01, 0.03, Answer.INCONCLUSIVE),
        ("acceptance < -3pp", -0.09, -0.04, Answer.FAIL),
        ("acceptance < -3pp", -0.03, 0.04, Answer.PASS),
        ("acceptance < -3pp", -0.05, 0.04, Answer.INCONCLUSIVE),
        ("acceptance <= -3pp", -0.05, -0.03, Answer.FAIL),
    ],
)
def test_the_interval_decides(text: str, low: float, high: float, answer: Answer) -> None:
    """All of it beyond the bound, none of it, or some."""
    middle = (low + high) / 2
    found = gate.judge(gate.parse(text), middle, (low, high), 0.05, is_exact=False)
    assert found.answer is answer


@pytest.mark.parametrize(
    ("text", "value", "scale"),
    [
        ("tokens {} +2%", 102 / 100 - 1, 0.0),
        ("acceptance {} -3pp", 0.94 - 0.97, 0.0),
        ("approval {} -10pp", 0.7 - 0.8, 0.0),
        ("usd {} 0.0003", 0.0001 + 0.0002, 0.0),
        ("seconds {} 0", 0.1 + 0.2 - 0.3, 0.3),
    ],
)
def test_a_value_at_the_bound_is_equal_to_it(text: str, value: float, scale: float) -> None:
    """Whatever floats make of it; half a thousandth beyond is beyond."""
    fails = {relation: gate.fails(gate.parse(text.format(relation)), value, scale)
             for relation in (">", ">=", "<", "<=")}  # fmt: skip
    assert fails == {">": False, ">=": True, "<": False, "<=": True}
    apart = 5e-4 * max(abs(value), 1e-3)
    assert gate.fails(gate.parse(text.format(">")), value + apart, scale)
    assert not gate.fails(gate.parse(text.format(">=")), value - apart, scale)
    assert gate.fails(gate.parse(text.format("<")), value - apart, scale)
    assert not gate.fails(gate.parse(text.format("<=")), value + apart, scale)


def test_without_an_interval_nothing_is_concluded() -> None:
    """Unless the recordings by themselves are what it is about."""
    condition = gate.parse("tokens > +2%")
    limits = (None, None)
    unknown = gate.judge(condition, 0.5, limits, None, is_exact=False)
    assert unknown.answer is Answer.INCONCLUSIVE
    assert gate.judge(condition, 0.5, limits, None, is_exact=True).answer is Answer.FAIL
    assert gate.judge(condition, 0.01, limits, None, is_exact=True).answer is Answer.PASS


def test_several_gates_answer_together() -> None:
    """A failure counts most; no gate passes."""
    judged = {
        answer: gate.judge(gate.parse("tokens > 2%"), 0.0, limits, None, is_exact=False)
        for answer, limits in (
            (Answer.PASS, (0.0, 0.01)),
            (Answer.INCONCLUSIVE, (0.0, 0.1)),
            (Answer.FAIL, (0.1, 0.2)),
        )
    }
    assert gate.combine([]) is Answer.PASS
    assert gate.combine([judged[Answer.PASS], judged[Answer.INCONCLUSIVE]]) is Answer.INCONCLUSIVE
    assert gate.combine(list(judged.values())) is Answer.FAIL
