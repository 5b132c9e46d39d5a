"""Recovery: what is done about each class of failure, step by step."""

from collections.abc import Sequence

import pytest
from scripted import Heard, ScriptedModel, run

from flagbench_generators.django_rest.recovery import (
    MAX_ATTEMPTS,
    MAX_CONTINUATIONS,
    RecoveryPolicy,
)
from flagbench_generators.kernel.llm import (
    CallFailed,
    Chat,
    CutOff,
    Malformed,
    Prompt,
    RateLimited,
    Refused,
    ServerFault,
    Unreachable,
)
from flagbench_generators.kernel.retry import RetryPolicy

POLICY = RecoveryPolicy(models=("second", "third"))


def tried(failures: Sequence[CallFailed]) -> tuple[str, list[str], list[str], Heard, float]:
    """How it ended, the models asked, what was said so far at each try, the events, the seconds."""
    models, said, heard, left = [], [], Heard(), list(failures)

    async def attempt(chat: Chat, prompt: Prompt) -> str:
        models.append(chat.model)
        said.append(prompt.partial_answer)
        if left:
            raise left.pop(0)
        return "worked"

    async def main() -> str:
        chat = Chat(ScriptedModel().client(), "first")
        try:
            return await POLICY.call(
                attempt, chat, Prompt("s", "u"), trace=heard.trace(), agent="models"
            )
        except CallFailed as failure:
            return f"gave up: {failure.reason}"

    ended, seconds = run(main())
    return ended, models, said, heard, seconds


LIMITED = RateLimited("slow down", 7.0)
FAULT = ServerFault("500")


def test_a_rate_limit_is_waited_for_and_then_another_model_asked() -> None:
    """As long as the provider says; the second limit is the second model's turn."""
    ended, models, _, heard, seconds = tried([LIMITED, RateLimited("again", None)])
    assert (ended, models, seconds) == ("worked", ["first", "first", "second"], 7 + 2)
    assert [one["reason"] for one in heard.named("retry")] == [
        "RateLimited, waited for", "RateLimited, now second",
    ]  # fmt: skip


def test_a_provider_that_fails_gives_way_to_others() -> None:
    """Growing pauses: 1, 2, 4, 8 s; after the last model the first again."""
    ended, models, _, _, seconds = tried([FAULT, Unreachable("closed"), FAULT, FAULT])
    assert (ended, seconds) == ("worked", 15)
    assert models == ["first", "first", "second", "third", "first"]


def test_nobody_is_waited_for_longer_than_two_minutes() -> None:
    """Whichever model is asked; the plain policy leaves it to the client."""
    had: list[float | None] = []

    async def attempt(chat: Chat, _: Prompt) -> str:
        had.append(chat.timeout_seconds)
        if len(had) < 3:
            raise Unreachable("timed out")
        return "worked"

    for policy in (POLICY, RetryPolicy(smart=True)):
        had.clear()
        chat = Chat(ScriptedModel().client(), "first")
        run(policy.call(attempt, chat, Prompt("s", "u"), trace=Heard().trace(), agent="models"))
        assert had == [120.0 if policy is POLICY else None] * 3


def test_the_rest_of_a_cut_off_answer_is_asked_for() -> None:
    """At once, from the same model, with everything that has arrived."""
    ended, models, said, heard, seconds = tried([CutOff("cut", "import a\n"), CutOff("cut", "b")])
    assert (ended, seconds, set(models)) == ("worked", 0, {"first"})
    assert said == ["", "import a\n", "import a\nb"]
    assert heard.named("retry")[0]["reason"] == "CutOff, the rest is asked for"


def test_reading_on_uses_up_no_attempt() -> None:
    """A long file in many parts may still meet five failures; without end it is not read on."""
    cut = [CutOff("cut", "x")] * MAX_CONTINUATIONS
    ended, models, said, *_ = tried([*cut, *[Malformed("empty")] * (MAX_ATTEMPTS - 1)])
    assert ended == "worked"
    assert said[-1] == "x" * MAX_CONTINUATIONS
    assert len(models) == MAX_CONTINUATIONS + MAX_ATTEMPTS
    ended, models, *_ = tried([CutOff("cut", "x")] * 20)
    assert (ended, len(models)) == ("gave up: CutOff", MAX_CONTINUATIONS + 1)


def test_an_answer_without_use_is_asked_for_again_at_once() -> None:
    """No pause helps there."""
    ended, models, _, _, seconds = tried([Malformed("empty")])
    assert (ended, models, seconds) == ("worked", ["first", "first"], 0)


def test_what_the_provider_refuses_is_not_sent_again() -> None:
    """It would be refused again."""
    ended, models, *_ = tried([Refused("400")])
    assert (ended, models) == ("gave up: Refused", ["first"])


def test_the_budget_of_attempts() -> None:
    """Six calls for one question that go wrong."""
    ended, models, *_ = tried([Malformed("empty")] * 20)
    assert ended == "gave up: Malformed"
    assert len(models) == MAX_ATTEMPTS


@pytest.mark.parametrize(("retries", "pause"), [(0, 0.0), (4, 0.0), (5, None)])
def test_a_rejected_file_is_mended_at_once(retries: int, pause: float | None) -> None:
    """Until the budget is used."""
    assert POLICY.pause_seconds(retries) == pause


def test_without_alternatives_it_stays_with_its_model() -> None:
    """And says that it waited."""
    heard = Heard()

    async def attempt(chat: Chat, _prompt: Prompt) -> str:
        if len(heard.named("retry")) < 3:
            raise ServerFault("500")
        return chat.model

    chat = Chat(ScriptedModel().client(), "only")
    asked = RecoveryPolicy().call(
        attempt, chat, Prompt("s", "u"), trace=heard.trace(), agent="models"
    )
    assert run(asked)[0] == "only"
    assert {one["reason"] for one in heard.named("retry")} == {"ServerFault, waited for"}
