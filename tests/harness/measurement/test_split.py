"""The exact split of a difference: its parts add up, whatever the calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagbench.measurement import split as splits
from flagbench.measurement.costed_steps import packed, unpacked
from flagbench.measurement.split import Cause
from flagbench.measurement.trace_rows import CUT_OFF, CostedStep, TraceStep


def call(digest: str, prompt: int = 100, answer: int = 20, **more: object) -> CostedStep:
    """A call of an engineer in the first request."""
    values = {"agent": "eng", "what": "generate", "seconds": answer / 10} | more
    return CostedStep(
        1, 1, digest=digest, prompt_tokens=prompt, completion_tokens=answer,
        prompt_usd=prompt / 64, completion_usd=answer / 16, **values,
    )  # fmt: skip


def decision(what: str, agent: str = "eng") -> CostedStep:
    """A decision in the first request."""
    return CostedStep(1, 1, agent, what)


STEPS = st.lists(
    st.one_of(
        st.builds(
            call, st.sampled_from("abc"), st.integers(0, 500), st.integers(0, 500),
            agent=st.sampled_from(("eng", "lead")), end=st.sampled_from(("", "429", CUT_OFF)),
        ),
        st.builds(decision, st.sampled_from(("cache_miss", "artifact_rejected", "done"))),
    ),
    max_size=8,
)  # fmt: skip
TOTAL = {
    "tokens": lambda step: step.prompt_tokens + step.completion_tokens,
    "seconds": lambda step: step.seconds or 0.0,
    "usd": lambda step: (step.prompt_usd or 0.0) + (step.completion_usd or 0.0),
}


@given(STEPS, STEPS, st.sampled_from(splits.METRICS))
def test_the_parts_add_up_to_the_difference_of_all_calls(
    was: list[CostedStep], now: list[CostedStep], metric: str
) -> None:
    """No call is left out and none counts twice, so that nothing is left over."""
    total = sum(map(TOTAL[metric], now)) - sum(map(TOTAL[metric], was))
    part = splits.split(metric, total, was, now)
    assert part is not None
    assert part.prompts + part.answers + part.moved + part.rest == pytest.approx(total, abs=1e-9)
    assert part.rest == pytest.approx(0, abs=1e-9)
    calls = [sum(bool(step.digest) for step in side) for side in (was, now)]
    came, went = (sum(cause.calls for cause in side) for side in (part.came, part.went))
    assert came - went == calls[1] - calls[0]


@given(STEPS)
def test_steps_are_kept_as_text_without_a_loss(steps: list[CostedStep]) -> None:
    """Names with blanks, commas and half characters too."""
    odd = [*steps, CostedStep(1, 2, "a b, c\ud83d", "-", end="x y")]
    assert unpacked(packed(odd)) == odd
    assert unpacked(packed(())) == []
    with pytest.raises(ValueError, match="invalid literal"):
        unpacked("1 x eng")


@pytest.mark.parametrize(
    ("was", "now", "cause"),
    [
        ([call("a")], [call("a"), call("b"), decision("artifact_rejected")], "review refused"),
        ([call("a")], [call("a", 0, 0, end="429"), call("a")], "retry after 429"),
        ([call("a")], [call("a", end=CUT_OFF), call("b")], "cut off"),
        ([decision("cache_hit", "")], [call("a"), decision("cache_miss", "")], "cache missed"),
        ([call("a")], [call("a"), call("b"), decision("asked_again")], "asked_again"),
        ([call("a")], [call("a"), call("b")], splits.UNKNOWN),
        ([call("a")], [call("a"), call("b"), decision("asked_again", "lead")], splits.UNKNOWN),
    ],
)
def test_a_call_that_came_has_a_cause(
    was: list[CostedStep], now: list[CostedStep], cause: str
) -> None:
    """As the failed calls and the decisions of its request show, and unknown if they do not."""
    part = splits.split("tokens", 0, was, now)
    assert part is not None
    assert [each.name for each in part.came] == [cause]
    assert part.went == []


def test_an_answer_that_was_cut_off_is_the_cause_of_one_call_of_its_agent() -> None:
    """Others that came in the same request have causes of their own, or none that is known."""
    now = [
        *(call("a", end=CUT_OFF), call("b")),
        *(call("r", agent="view"), call("s", agent="view"), call("t", agent="lead")),
        *(decision("retry"), decision("artifact_rejected", "view")),
    ]
    part = splits.split("tokens", 0, [call("a")], now)
    assert part is not None
    found = {cause.name: cause.calls for cause in part.came}
    assert found == {"cut off": 1, "review refused": 3}
    more = splits.split("tokens", 0, [call("a")], [*now, call("c"), call("d")])
    assert more is not None
    found = {cause.name: cause.calls for cause in more.came}
    assert found == {"cut off": 1, "review refused": 3, splits.UNKNOWN: 2}


@given(STEPS, STEPS)
def test_no_more_calls_are_cut_off_or_retried_than_answers_ended_so(
    was: list[CostedStep], now: list[CostedStep]
) -> None:
    """An end that both sides have explains nothing."""
    part = splits.split("tokens", 0, was, now)
    assert part is not None
    ends = {"cut off": CUT_OFF, "retry after 429": "429"}
    for causes, side in ((part.came, now), (part.went, was)):
        for cause in causes:
            if cause.name in ends:
                assert cause.calls <= sum(step.end == ends[cause.name] for step in side)


def test_a_call_is_a_retry_after_its_own_failure() -> None:
    """One that failed on both sides is not that of a further call."""
    was = [call("a", 0, 0, end="429"), call("a")]
    part = splits.split("tokens", 0, was, [*was, call("a", 0, 0, end="503")])
    assert part is not None
    assert [(cause.name, cause.calls) for cause in part.came] == [("retry after 503", 1)]
    part = splits.split("tokens", 0, was, [*was, call("a")])
    assert part is not None
    assert [(cause.name, cause.calls) for cause in part.came] == [(splits.UNKNOWN, 1)]


def test_a_call_that_went_may_have_been_answered_from_a_cache() -> None:
    """The decision is on the other side."""
    part = splits.split("tokens", -120, [call("a")], [decision("cache_hit", "")])
    assert part is not None
    assert part.went == [Cause("cache hit", 1, -120)]


def test_a_review_by_rules_is_the_cause_of_a_review_that_went() -> None:
    """Even if another agent decides; an approval on both sides explains nothing."""
    was = [call("a"), call("r", agent="lead"), decision("artifact_approved")]
    now = [call("a"), decision("confident_approval"), decision("artifact_approved")]
    part = splits.split("tokens", -120, was, now)
    assert part is not None
    assert part.went == [Cause("approved without a call", 1, -120)]
    part = splits.split("tokens", -120, was, [call("a"), *[decision("artifact_approved")] * 2])
    assert part is not None
    assert part.went == [Cause(splits.UNKNOWN, 1, -120)]


def test_prompts_and_answers_of_the_same_calls_are_told_apart() -> None:
    """The prompt is design, exactly; the answer may be luck."""
    part = splits.split("usd", 2.0, [call("a", 100, 20)], [call("b", 164, 36)])
    assert part is not None
    assert (part.prompts, part.answers, part.moved, part.rest) == (1.0, 1.0, 0, 0)


def test_an_unknown_amount_is_not_split() -> None:
    """A recording without latencies has no seconds to split."""
    assert splits.split("seconds", 0, [call("a", seconds=None)], [call("a")]) is None


def test_traces_have_tokens_alone() -> None:
    """Those of a baseline; equal ones have nothing to split."""
    step = TraceStep(1, 1, "eng", "generate", "a", 100, 20)
    other = step._replace(digest="b", prompt_tokens=104)
    part = splits.of_traces([step], [other], 2)
    assert part is not None
    assert (part.total, part.prompts, part.recordings) == (4, 4, 2)
    assert splits.of_traces([step], [step], 2) is None
