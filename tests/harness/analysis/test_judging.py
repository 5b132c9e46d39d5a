"""Gates of comparisons with little, constant or zero data: what was not seen decides nothing."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from made_cells import PATHS, cell

from flagbench.analysis.comparison import comparison, gate, judging, pairing
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import Answer, Judgement
from flagbench.analysis.statistics.intervals import About

Values = Sequence[tuple[int, int]]


def compared(values: Values, about: About = About.TRIALS, **changes: Any) -> Comparison:
    """A scenario with these tokens of A and B in each trial; the calls differ unless changed."""
    sides = [
        [
            cell(name, trial=trial, tokens=(both[place],), **{"calls_digest": name, **changes})
            for trial, both in enumerate(values, start=1)
        ]
        for place, name in enumerate(("none", "all"))
    ]
    return comparison.compare(pairing.pair(*sides), about)


def judged(text: str, values: Values, about: About = About.TRIALS, **changes: Any) -> Judgement:
    """The judgement of one gate."""
    (judgement,) = judging.judge(compared(values, about, **changes), [gate.parse(text)])
    return judgement


@pytest.mark.parametrize("values", [[(100, 103)] * 2, [(100, 100)] * 5, [(90, 90), (120, 120)]])
@pytest.mark.parametrize("text", ["tokens > +2%", "tokens > +2", "tokens < -2%"])
def test_the_same_in_every_recording_decides_nothing(values: Values, text: str) -> None:
    """The sides made other calls, so that a rare change may not have been seen."""
    judgement = judged(text, values)
    assert (judgement.answer, judgement.low, judgement.high) == (Answer.INCONCLUSIVE, None, None)
    assert "would not have been seen" in judgement.reason


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"calls_digest": "same"}, Answer.PASS),
        ({"calls_digest": ""}, Answer.INCONCLUSIVE),
        ({}, Answer.INCONCLUSIVE),
    ],
)
def test_the_same_calls_decide(changes: dict[str, str], answer: Answer) -> None:
    """Amounts and rates alike; calls that are unknown prove nothing."""
    for text in ("tokens > +2%", "acceptance < -3pp", "tokens > +1"):
        assert judged(text, [(100, 100)] * 3, **changes).answer is answer


def test_other_recordings_prove_nothing() -> None:
    """The same requests with other answers."""
    a = [cell(trial=trial, calls_digest="same") for trial in (1, 2, 3)]
    b = [cell("all", trial=trial, calls_digest="same", cassette="f" * 64) for trial in (1, 2, 3)]
    paired = pairing.pair(a, b, ["cassette"])
    (judgement,) = judging.judge(
        comparison.compare(paired, About.TRIALS), [gate.parse("tokens > +2%")]
    )
    assert judgement.answer is Answer.INCONCLUSIVE


@pytest.mark.parametrize("text", ["approval < -3pp", "approval > +3pp"])
@pytest.mark.parametrize("scenarios", [2, 3, 5, 8])
def test_scenarios_without_a_change_say_little_about_others(scenarios: int, text: str) -> None:
    """However many files they have; one of ten scenarios may lose half of its files."""
    a, b = (
        [
            cell(name, scenario=f"s{place}", trial=trial, tokens=(100,) * 6, calls_digest=name)
            for place in range(scenarios)
            for trial in (1, 2, 3)
        ]
        for name in ("none", "all")
    )
    found = comparison.compare(pairing.pair(a, b), About.SCENARIOS)
    (judgement,) = judging.judge(found, [gate.parse(text)])
    assert judgement.answer is Answer.INCONCLUSIVE
    assert judgement.high == pytest.approx(1 - 0.025 ** (1 / scenarios))
    assert judgement.to_pass == 122


def test_one_file_that_flips_does_not_narrow_what_scenarios_say() -> None:
    """The little variance of a file is not that of scenarios that lose half of theirs."""
    a, b = (
        [
            cell(name, scenario=f"s{place}", trial=trial, tokens=(100,) * 12, calls_digest=name,
                 refused=PATHS[:1] if (place, trial, name) == (0, 1, "all") else ())
            for place in range(8)
            for trial in (1, 2, 3)
        ]
        for name in ("none", "all")
    )  # fmt: skip
    found = comparison.compare(pairing.pair(a, b), About.SCENARIOS)
    (judgement,) = judging.judge(found, [gate.parse("approval < -3pp")])
    assert judgement.answer is Answer.INCONCLUSIVE
    assert judgement.low is not None and judgement.low < -0.3


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("tokens > +2%", [(0, 1000)] * 3, Answer.FAIL),
        ("tokens > +2%", [(0, 1000), (0, 900), (0, 1100)], Answer.FAIL),
        ("tokens < -2%", [(0, 1000)] * 3, Answer.PASS),
        ("tokens > +2%", [(0, 1000)] * 2, Answer.INCONCLUSIVE),
        ("tokens > +2%", [(0, 1000), (0, 1001)], Answer.INCONCLUSIVE),
        ("tokens > +2%", [(1000, 0)] * 3, Answer.PASS),
        ("tokens < -2%", [(1000, 0)] * 3, Answer.FAIL),
        ("tokens > +2%", [(0, 900), (10, 1000), (5, 950)], Answer.FAIL),
        ("tokens < -2%", [(0, 900), (10, 1000), (5, 950)], Answer.PASS),
        ("tokens > +2%", [(900, 0), (1000, 10), (950, 5)], Answer.PASS),
        ("tokens > +2%", [(0, 10), (1000, 1000), (500, 490)], Answer.INCONCLUSIVE),
        ("tokens > +2%", [(0, 0)] * 3, Answer.INCONCLUSIVE),
    ],
)
def test_per_cent_of_nothing_is_decided_by_the_difference(
    text: str, values: Values, answer: Answer
) -> None:
    """A rise from 0 is beyond any bound; one 0 among the trials hinders nothing."""
    assert judged(text, values).answer is answer


def test_recordings_by_themselves_are_exact_with_zeros() -> None:
    """A rise from 0 in a single trial."""
    judgement = judged("tokens > +2%", [(0, 1000)], About.RECORDINGS)
    assert (judgement.answer, "exact" in judgement.reason) == (Answer.FAIL, True)


@pytest.mark.parametrize(
    ("about", "zeros", "units"),
    [
        (About.RECORDINGS, [], ("%", "")),
        (About.TRIALS, [], ("%", "")),
        (About.RECORDINGS, [(0, 0)] * 3, ("%",)),
    ],
)
@pytest.mark.parametrize("percent", range(1, 51))
def test_a_change_at_the_bound_is_not_beyond_it(
    percent: int, about: About, zeros: Values, units: Sequence[str]
) -> None:
    """Of every whole percentage, up and down, also where a recording has a 0."""
    for sign in (1, -1):
        values = [(100, 100 + sign * percent)] * 3 + list(zeros)
        answers = {
            (relation, unit): judged(
                f"tokens {relation} {sign * percent}{unit}", values, about, calls_digest="same"
            ).answer
            for relation in (">", ">=", "<", "<=")
            for unit in units
        }
        assert answers == {
            key: Answer.FAIL if key[0] in (">=", "<=") else Answer.PASS for key in answers
        }


@pytest.mark.parametrize(("text", "refuted"), [("acceptance < -3pp", 4), ("acceptance > +3pp", 0)])
def test_no_effect_is_named_that_a_rate_cannot_have(text: str, refuted: int) -> None:
    """A share of 10 % cannot fall by so much, and one of 90 % cannot rise by it."""
    a, b = (
        [
            cell(name, trial=trial, calls_digest=name,
                 refuted=PATHS[:refuted] if trial != place else PATHS[: 4 - refuted])
            for trial in range(1, 11)
        ]
        for place, name in enumerate(("none", "all"), start=1)
    )  # fmt: skip
    found = comparison.compare(pairing.pair(a, b), About.TRIALS)
    acceptance = found.metric("acceptance")
    assert acceptance is not None and acceptance.smallest is not None
    assert 0.2 < acceptance.smallest < 0.9
    (judgement,) = judging.judge(found, [gate.parse(text)])
    assert (judgement.answer, judgement.smallest) == (Answer.INCONCLUSIVE, None)


NOISY = [(1000, 1010), (1000, 1090), (1000, 960), (1000, 1100), (1000, 980)]


@pytest.mark.parametrize(
    ("text", "zero"), [("tokens > +2%", 0.0), ("tokens < -2%", 0.0), ("tokens > +20", 0.0)]
)
def test_the_smallest_effect_is_beyond_the_bound(text: str, zero: float) -> None:
    """Not beyond 0; more trials show less."""
    judgement, at_zero = judged(text, NOISY), judged(text.replace("2", "0"), NOISY)
    assert judgement.smallest is not None and at_zero.smallest is not None
    assert abs(judgement.smallest) > abs(at_zero.smallest) > zero
    assert judgement.to_pass is not None and judgement.to_fail is not None
    assert judgement.to_pass > 5
    assert judgement.target is not None
    assert gate.fails(judgement.condition, judgement.target)


def test_the_smallest_relative_effect_is_that_of_the_log_scale() -> None:
    """The bound times the smallest ratio."""
    judgement = judged("tokens > +2%", NOISY)
    tokens = compared(NOISY).metric("tokens")
    assert tokens is not None and tokens.smallest_ratio is not None
    assert judgement.smallest == pytest.approx(1.02 * (1 + tokens.smallest_ratio) - 1)
    assert math.isfinite(tokens.smallest_ratio)


def test_scenarios_with_one_trial_give_neither_amounts_nor_rates_limits() -> None:
    """Five trials of one scenario do not show how those of another vary."""
    a, b = (
        [
            cell(name, scenario=scenario, trial=trial, tokens=(100 + trial * place, 50),
                 refuted=PATHS[: trial % 3 * place], calls_digest=name)
            for scenario, trials in (("one", 5), ("two", 1))
            for trial in range(1, trials + 1)
        ]
        for place, name in enumerate(("none", "all"))
    )  # fmt: skip
    found = comparison.compare(pairing.pair(a, b), About.TRIALS)
    for result in found.metrics:
        assert (result.difference.low, result.ratio.low, result.method) == (None, None, "none")
    (judgement,) = judging.judge(found, [gate.parse("acceptance < -3pp")])
    assert judgement.answer is Answer.INCONCLUSIVE
    assert "one trial does not show how trials vary" in judgement.reason


def test_difference_and_ratio_have_methods_of_their_own() -> None:
    """A constant ratio of amounts that vary; exact limits of a rate and a score of its ratio."""
    found = compared([(100, 200), (110, 220), (120, 240)])
    tokens, approval = found.metric("tokens"), found.metric("approval")
    assert tokens is not None and approval is not None
    assert tokens.method == "Student's t"
    assert tokens.ratio_method == "the same in every recording"
    assert (tokens.weight, approval.weight) == ("scenarios", "files")
    assert (approval.method, approval.ratio_method) == ("exact", "hybrid Wilson score")
