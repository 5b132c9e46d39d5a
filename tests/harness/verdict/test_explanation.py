"""Why a series left its baseline: what changed comes first, what followed after."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flagbench.measurement.trace_rows import Trace, TracedRate, TracedRecording, TraceStep
from flagbench.verdict.explanation import UNKNOWN, Cause, Sources, beyond_prompts, explain

PROMPTS = {
    "a": ["[system]", "Write well.", "[user]", "Add a Student"],
    "b": ["[system]", "Write well.", "Be brief.", "[user]", "Add a Student"],
    "x": [f"line {number}" for number in range(90)],
    "y": [f"other {number}" for number in range(90)],
    "0": [f"line {number}" for number in range(91)],
}
SOURCES = Sources(lambda one: PROMPTS[one.digest], lambda one: PROMPTS[one.digest], str, str)


def call(
    digest: str, trial: int = 1, request: int = 1, agent: str = "backend", **more: int
) -> TraceStep:
    """A call of 100 + 20 tokens."""
    counts = {"prompt_tokens": 100, "completion_tokens": 20} | more
    return TraceStep(trial, request, agent, "generate", digest, **counts)


def decision(what: str, trial: int = 1, request: int = 1) -> TraceStep:
    """A decision about the backend's file."""
    return TraceStep(trial, request, "backend", what)


def causes(accepted: Sequence[TraceStep], measured: Sequence[TraceStep]) -> tuple[Cause, ...]:
    """The causes, with the prompts above."""
    return explain(Trace(steps=tuple(accepted)), Trace(steps=tuple(measured)), SOURCES)


def told(accepted: Sequence[TraceStep], measured: Sequence[TraceStep]) -> list[str]:
    """What they say, without the diffs."""
    return [one.text for one in causes(accepted, measured)]


def test_another_prompt_is_shown_as_a_unified_diff() -> None:
    """With the lines round the change, and who sent it in which request."""
    was = [call("a", trial) for trial in (1, 2, 3)]
    now = [call("b", trial, prompt_tokens=103) for trial in (1, 2, 3)]
    (cause,) = causes(was, now)
    assert cause.text == (
        "another prompt of backend, generate, request 1 of every trial: +3 tokens a trial"
    )
    assert cause.diff.splitlines() == [
        "--- accepted", "+++ now", "@@ -1,4 +1,5 @@", " [system]", " Write well.", "+Be brief.",
        " [user]", " Add a Student",
    ]  # fmt: skip
    assert str(cause).splitlines()[1] == "        --- accepted"


def test_a_diff_is_that_of_the_prompt_most_like_it() -> None:
    """Where a subject makes all of its calls in one place, with prompts of equal length."""
    was = [call("a"), call("x")]
    now = [call("0"), call("b")]
    (cause,) = causes(was, now)
    assert "+Be brief." in cause.diff.splitlines()


def test_the_smallest_change_of_a_prompt_comes_first() -> None:
    """A line of a standard is the cause, another file in a review's prompt follows from it."""
    was = [call("a", agent="tests"), call("x", agent="backend")]
    now = [call("b", agent="tests"), call("y", agent="backend", prompt_tokens=900)]
    first, second = causes(was, now)
    assert "of tests" in first.text
    assert "of backend" in second.text
    assert re.search(r"\(\d+ more lines\)$", second.diff)


def test_calls_that_appeared_and_went() -> None:
    """In which requests of which trials, and what they cost a trial."""
    was = [call("a"), call("x", agent="tests", trial=2)]
    now = [call("a"), *(call("y", trial=2, request=number) for number in (2, 3, 5))]
    assert told(was, now) == [
        "a call more of backend, generate, requests 2-3, 5 of trial 2: +180 tokens a trial",
        "a call less of tests, generate, request 1 of trial 2: -60 tokens a trial",
    ]


def test_the_same_prompt_with_another_answer() -> None:
    """A recording was made again."""
    assert told([call("a")], [call("a", completion_tokens=70)]) == [
        "another answer to the same prompt of backend, generate, request 1 of every trial: "
        "+50 tokens a trial"
    ]


def test_a_prompt_that_is_sent_more_often() -> None:
    """One of the calls more is told, not another prompt."""
    assert told([call("a")], [call("a"), call("a")]) == [
        "a call more of backend, generate, request 1 of every trial: +120 tokens a trial"
    ]


def test_decisions_that_went_the_other_way() -> None:
    """What it was and what it is now, after the calls."""
    was = [
        decision("template_selected"),
        decision("retry", request=4),
        decision("retry", request=4),
    ]
    now = [decision("template_fallback"), decision("cache_hit", request=2)]
    assert told(was, now) == [
        "backend: template_selected → template_fallback, request 1 of every trial",
        "backend: now cache_hit, request 2 of every trial",
        "backend: no longer 2 retry, request 4 of every trial",
    ]


def test_nothing_changed_but_the_metric() -> None:
    """Then the explanation says that it does not know."""
    assert told([call("a"), decision("retry")], [decision("retry"), call("a")]) == [UNKNOWN]
    assert UNKNOWN.startswith("not known: ")


def test_a_rate_is_a_cause_if_nothing_else_changed() -> None:
    """Before the proofs; behind other decisions it is a consequence of them."""
    was, now = (TracedRate(1, "hit_rate", part, 4) for part in (1, 2))
    more = "the subject reports another hit_rate: 1 of 4 → 2 of 4, every trial"
    for steps, expected in (
        ((), [more]),
        ((decision("hit"),), ["backend: now hit, request 1 of every trial", more]),
    ):
        accepted, measured = Trace(rates=(was,)), Trace(steps=steps, rates=(now,))
        assert [one.text for one in explain(accepted, measured, SOURCES)] == expected


def test_other_latencies_are_a_cause_only_of_the_same_calls() -> None:
    """Other calls have other recordings in any case."""
    was, now = (TracedRecording(1, digest, 0.0) for digest in ("a", "b"))
    (cause,) = explain(Trace(recordings=(was,)), Trace(recordings=(now,)), SOURCES)
    assert cause.text == (
        "other answers or latencies were recorded for the same requests, every trial"
    )
    calls = Trace(steps=(call("a"),), recordings=(now,))
    assert ["more of" in one.text for one in explain(Trace(recordings=(was,)), calls, SOURCES)] == [
        True
    ]


def test_a_long_list_leaves_room_for_other_kinds() -> None:
    """A pause is not lost behind twenty calls."""
    slow = call("a")._replace(pause_seconds=4.0)
    was = [*(call("x", agent=f"agent{number}") for number in range(20)), call("a")]
    found = told(was, [slow])
    assert len(found) == 9
    assert found[7].startswith("another pause before 1 call of backend (generate): 0 → 4 s")
    assert found[8] == "and 13 more changes"


def test_a_prompt_that_nobody_remembers() -> None:
    """The reason stands in the place of the diff."""

    def forgotten(_: TraceStep) -> list[str]:
        raise LookupError("git is not installed")

    sources = replace(SOURCES, accepted_prompt=forgotten)
    (cause,) = explain(Trace((call("a"),)), Trace((call("b"),)), sources)
    assert cause.diff == "(the accepted prompt is not available: git is not installed)"


def test_a_long_list_is_cut_and_counted() -> None:
    """Eight changes are enough to read."""
    was = [call("x", agent=f"agent{number}") for number in range(12)]
    found = told(was, [])
    assert len(found) == 9
    assert found[-1] == "and 4 more changes"


def test_changes_beyond_prompts() -> None:
    """Another prompt is not one of them; calls and decisions are."""
    was = Trace(steps=(call("a"), decision("approved")))
    reworded = Trace(steps=(call("b"), decision("approved")))
    assert beyond_prompts(was, reworded) == []
    refused = Trace(steps=(call("b"), call("x"), decision("rejected")))
    assert beyond_prompts(was, refused) == [
        "a call more of backend, generate, request 1 of every trial: +120 tokens a trial",
        "backend: approved → rejected, request 1 of every trial",
    ]


def test_a_decision_comes_before_the_calls_that_follow_from_it() -> None:
    """And one of the session before those of its agents, as a cache before what it saves."""
    was = [call("a"), decision("asked"), TraceStep(1, 1, "", "cache_miss")]
    now = [decision("reused"), TraceStep(1, 1, "", "cache_hit", detail="tier memory")]
    assert told(was, now) == [
        "session: cache_miss → cache_hit (cache_hit with tier memory), request 1 of every trial",
        "backend: asked → reused, request 1 of every trial",
        "a call less of backend, generate, request 1 of every trial: -120 tokens a trial",
    ]


def test_only_details_that_all_cases_share_are_shown() -> None:
    """Others are those of a place, and would need a line each."""
    was = [decision("asked", trial) for trial in (1, 2)]
    now = [
        decision(what, trial)._replace(detail=detail)
        for trial in (1, 2)
        for what, detail in (("retry", f"attempt {trial}"), ("failed", "reason Malformed"))
    ]
    assert told(was, now) == [
        "backend: asked → failed, retry (failed with reason Malformed), request 1 of every trial"
    ]
