"""Summary, targets and baseline become a verdict."""

import pytest

from flagbench.measurement.self_report import Contradiction
from flagbench.measurement.summary import Summary
from flagbench.scenario import targets as promises
from flagbench.verdict.baseline import Expected
from flagbench.verdict.verdict import Outcome, judge

MEASURED = Summary("tiny", "all", 2, 3, {"tokens": 102.0, "token_reduction": 0.8})


@pytest.mark.parametrize(
    ("targets", "expected", "outcome", "told"),
    [
        ([], None, "KEPT", []),
        ([("tokens", "<= 102")], None, "KEPT", []),
        (
            [("tokens", "<= 100"), ("token_reduction", ">= 75 %")],
            None,
            "BROKEN",
            ["tokens is 102, target: <= 100"],
        ),
        (
            [("cache_hit_rate", ">= 0 %")],
            None,
            "BROKEN",
            ["cache_hit_rate was not measured, target: >= 0 %"],
        ),
        ([], {}, "BROKEN", ["no measurement of this series was accepted yet"]),
        ([], {"tokens": (101.5, 0.5), "token_reduction": (0.8, 0)}, "KEPT", []),
        (
            [],
            {"tokens": (100, 1), "token_reduction": (0.8, 0)},
            "BROKEN",
            ["tokens is 102, baseline: 100 ± 1"],
        ),
        (
            [],
            {"tokens": (102, 0)},
            "BROKEN",
            ["token_reduction is 0.8, baseline: no value accepted yet"],
        ),
        (
            [],
            {"tokens": (102, 0), "token_reduction": (0.8, 0), "usd": (1, 0)},
            "BROKEN",
            ["usd was not measured, baseline: 1 ± 0"],
        ),
        (
            [("tokens", "< 5")],
            {"tokens": (1, 0), "token_reduction": (0.8, 0)},
            "BROKEN",
            ["tokens is 102, target: < 5", "tokens is 102, baseline: 1 ± 0"],
        ),
    ],
)
def test_verdicts(
    targets: list[tuple[str, str]],
    expected: dict[str, tuple[float, float]] | None,
    outcome: str,
    told: list[str],
) -> None:
    """KEPT where every finding holds; otherwise BROKEN, with each that does not."""
    verdict = judge(
        MEASURED,
        [promises.parse(*one) for one in targets],
        None
        if expected is None
        else {name: Expected(value=v, absolute=a) for name, (v, a) in expected.items()},
    )
    assert verdict.outcome == outcome
    assert [str(one) for one in verdict.broken] == told


def test_what_was_held_is_a_finding_too() -> None:
    """A verdict says what it rests on."""
    verdict = judge(MEASURED, [promises.parse("tokens", "<= 200")], {"tokens": Expected(value=102)})
    assert [(one.metric, one.against, one.held) for one in verdict.checks] == [
        ("tokens", "target", True),
        ("token_reduction", "baseline", False),
        ("tokens", "baseline", True),
    ]


def test_a_report_that_the_measurement_contradicts() -> None:
    """BROKEN before anything else, with both numbers and the first trial; nothing else is wrong."""
    found = {
        1: (),
        2: (Contradiction("reported tokens", 17467, "34935"),),
        3: (Contradiction("reported tokens", 1, "2"), Contradiction("reported calls", 3, "2")),
    }
    verdict = judge(MEASURED, [promises.parse("tokens", "<= 1")], None, found)
    assert verdict.outcome == "BROKEN"
    assert [str(one) for one in verdict.broken] == [
        "reported tokens is 17467, measured: 34935 (trial 2)",
        "reported calls is 3, measured: 2 (trial 3)",
        "tokens is 102, target: <= 1",
    ]
    assert (verdict.is_misreported, verdict.left_baseline) == (True, False)
    assert judge(MEASURED, [], None, {1: ()}).outcome == "KEPT"


def test_the_four_words() -> None:
    """As reports and exit codes know them."""
    assert [one.value for one in Outcome] == [
        "KEPT", "BROKEN", "PROVISIONAL", "COULD NOT RUN",
    ]  # fmt: skip
