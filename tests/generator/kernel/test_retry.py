"""Retries: pauses of both policies, exact on the virtual clock, and when they give up."""

import asyncio

import pytest
from scripted import Heard, ScriptedModel, run

from flagbench_generators.kernel import events
from flagbench_generators.kernel.llm import (
    CallFailed,
    Chat,
    CutOff,
    Malformed,
    Prompt,
    RateLimited,
    Refused,
    ServerFault,
)
from flagbench_generators.kernel.retry import RetryPolicy

ASKED = Chat(ScriptedModel().client(), "scripted"), Prompt("s", "u")
PLAIN, SMART = RetryPolicy(smart=False), RetryPolicy(smart=True)


def limited(seconds: float | None = None) -> RateLimited:
    """A 429, with or without `retry-after`."""
    return RateLimited("slow down", seconds)


def tried(policy: RetryPolicy, *failures: CallFailed) -> tuple[str, list[float], float]:
    """What comes of a call that fails so and then works: result, pauses told, seconds taken."""
    left, heard = list(failures), Heard()

    async def attempt(*_: object) -> str:
        if left:
            raise left.pop(0)
        return "worked"

    async def main() -> str:
        try:
            return await policy.call(attempt, *ASKED, trace=heard.trace(), agent="backend")
        except CallFailed as failure:
            return f"gave up: {failure.reason}"

    result, seconds = run(main())
    return result, heard.pauses_seconds(), seconds


FAULT = ServerFault("500")


@pytest.mark.parametrize(
    ("policy", "failures", "result", "pauses"),
    [
        (PLAIN, [], "worked", []),
        (PLAIN, [FAULT] * 3, "worked", [2, 2, 2]),
        (PLAIN, [FAULT] * 4, "gave up: ServerFault", [2, 2, 2]),
        (PLAIN, [limited(20)] * 3, "worked", [2, 2, 2]),
        (PLAIN, [limited()] * 4, "gave up: RateLimited", [2, 2, 2]),
        (SMART, [FAULT] * 3, "worked", [1, 2, 4]),
        (SMART, [FAULT] * 4, "gave up: ServerFault", [1, 2, 4]),
        (SMART, [limited()] * 5, "worked", [1, 2, 4, 16, 32]),
        (SMART, [limited()] * 6, "gave up: RateLimited", [1, 2, 4, 16, 32]),
        (SMART, [limited(20)] * 2, "worked", [20, 20]),
        (SMART, [limited(1.5), limited(1.5)], "worked", [1.5, 2]),
        (SMART, [limited(-3)], "worked", [1]),
        (SMART, [limited(), FAULT, CutOff("x", "")], "worked", [1, 2, 4]),
        (PLAIN, [Refused("400")], "gave up: Refused", []),
        (SMART, [Refused("400")], "gave up: Refused", []),
    ],
)
def test_pauses_are_exact(
    policy: RetryPolicy, failures: list[CallFailed], result: str, pauses: list[float]
) -> None:
    """Plain: fixed 2 s, three times. Smart: 1, 2, 4 s, for rate limits 16 and 32 s, or longer."""
    assert tried(policy, *failures) == (result, pauses, sum(pauses))


@pytest.mark.parametrize("policy", [PLAIN, SMART])
def test_the_third_malformed_answer_is_a_failure(policy: RetryPolicy) -> None:
    """Whatever else goes wrong between: a model that cannot answer is not asked a fourth time."""
    bad = Malformed("no JSON")
    assert tried(policy, bad, bad)[0] == "worked"
    assert tried(policy, bad, bad, bad)[0] == "gave up: Malformed"
    assert tried(policy, bad, FAULT, bad, bad)[0] == "gave up: Malformed"


def test_a_retry_is_told_before_its_pause() -> None:
    """Agent, attempt, delay and the class of the failure."""
    heard, told_at = Heard(), []

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        failures = [limited()]

        async def attempt(*_: object) -> None:
            told_at.append((len(heard), clock()))
            if failures:
                raise failures.pop()

        await SMART.call(attempt, *ASKED, trace=heard.trace(), agent="backend")

    run(main())
    assert heard.named(events.RETRY) == [
        {"agent": "backend", "attempt": 1, "delay_seconds": 1.0, "reason": "RateLimited"}
    ]
    assert told_at == [(0, 0.0), (1, 1.0)]


def test_a_rejected_artifact_has_three_more_tries() -> None:
    """The pause before each, and then none: smart pauses do not grow past the third."""
    assert [PLAIN.pause_seconds(n) for n in range(4)] == [2, 2, 2, None]
    assert [SMART.pause_seconds(n) for n in range(4)] == [1, 2, 4, None]


def test_a_bug_is_not_retried() -> None:
    """Only failures of calls are."""

    async def attempt(*_: object) -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        run(PLAIN.call(attempt, *ASKED, trace=Heard().trace(), agent="backend"))
