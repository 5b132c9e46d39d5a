"""A budget goes to components in their order; whatever it takes away from them is an event."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from briefs import FULL, SHOP, BackendModel, answer_with, asked, builder, files_of, jobs_of, session
from scripted import Answer, Call, Heard, ScriptedModel, run

from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Origin
from flagbench_generators.kernel.batching import Written, write_together
from flagbench_generators.kernel.budget import Budget, OverBudget
from flagbench_generators.kernel.drafting import from_model
from flagbench_generators.kernel.llm import Chat
from flagbench_generators.kernel.prompt_builder import Job, Rejection
from flagbench_generators.kernel.retry import RetryPolicy
from flagbench_generators.kernel.token_counter import count_tokens, prompt_tokens
from flagbench_generators.kernel.tools import Tools

LONG = "words of a file. " * 40


def job(kind: str, *context: tuple[str, str]) -> Job:
    """The job of a component of the shop, with files as context."""
    return next(
        replace(job, context=context) for job in jobs_of(read_brief(SHOP)) if job.agent.kind == kind
    )


def tokens(jobs: Sequence[Job], *, compressed: bool = True) -> int:
    """Tokens of the prompt for jobs, and of the answer of `BackendModel`'s templates."""
    prompt = builder(compressed=compressed).together(jobs)
    return prompt_tokens(prompt) + sum(count_tokens(files_of(SHOP)[job.path]) for job in jobs)


def write(
    jobs: Sequence[Job], limit: int, *, compressed: bool = True, model: ScriptedModel | None = None
) -> tuple[Written, Heard, list[Call]]:
    """Write components in one call; return the files, the events and the calls."""
    model, heard = model or BackendModel(), Heard()
    prompts = builder(compressed=compressed)
    tools = Tools(Chat(model.client(), "m"), prompts, RetryPolicy(smart=False), Budget(limit))
    written, _ = run(write_together(jobs, tools, heard.trace()))
    return written, heard, model.calls


def test_a_component_too_large_for_the_budget_takes_no_other_with_it(tmp_path: Path) -> None:
    """The next one has the budget that it could not use."""
    jobs = [job("services"), job("middleware")]
    written, heard, calls = write(jobs, tokens(jobs[1:]))
    assert [asked(call) for call in calls] == [["core/middleware/middleware.py"]]
    assert isinstance(written["middleware"], str)
    assert [fields["kind"] for fields in heard.named(events.COMPONENT_DROPPED)] == ["services"]


def test_a_component_keeps_its_context_before_a_later_one_is_written(tmp_path: Path) -> None:
    """What does not fit gives way: its own context first, then the component itself."""
    jobs = [job("config", ("a.txt", LONG)), job("services", ("b.txt", LONG))]
    _, heard, calls = write(jobs, tokens(jobs[:1]) + 20)
    assert [asked(call) for call in calls] == [["core/config/settings.py"]]
    assert LONG.strip() in calls[0].user
    dropped = [(fields["kind"], fields["context"]) for fields in heard.named("context_dropped")]
    assert dropped == [("services", "b.txt")]


def test_a_component_is_compressed_before_those_it_is_asked_for_with() -> None:
    """And they before it is dropped, the last first."""
    jobs = [job("config"), job("models"), job("middleware")]
    full, short = tokens(jobs, compressed=False), tokens(jobs)
    heard_at = {
        limit: [fields["kind"] for fields in heard.named(events.CONTEXT_COMPRESSED)]
        for limit in (full, full - 1, short)
        for _, heard, calls in [write(jobs, limit, compressed=False)]
        if len(asked(calls[0])) == 3
    }
    assert heard_at == {
        full: [], full - 1: ["middleware"], short: ["middleware", "models", "config"],
    }  # fmt: skip


def test_what_is_compressed_in_vain_is_not_compressed() -> None:
    """A component that is dropped leaves those before it as they are."""
    jobs = [job("config"), job("services")]
    _, heard, calls = write(jobs, tokens(jobs[:1], compressed=False), compressed=False)
    alone = builder(compressed=False).together(jobs[:1])
    assert [(call.system, call.user) for call in calls] == [(alone.system, alone.user)]
    compressed = [fields["kind"] for fields in heard.named(events.CONTEXT_COMPRESSED)]
    assert compressed == ["services"]


def test_an_answer_beyond_the_budget_is_an_event(tmp_path: Path) -> None:
    """The result has the tokens of it, by agent, and what was dropped."""
    longer = "# words of a comment\n" * 400

    def spoil(call: Call) -> Answer | None:
        path = asked(call)[0]
        if path != "core/config/settings.py":
            return None
        return Answer(answer_with({path: files_of(SHOP)[path] + longer}, [path]))

    flags = {**FULL, "BATCH_SIZE": "1", "TOKEN_BUDGET_PER_AGENT": "2000"}
    made, heard, _ = session(BackendModel(spoil=spoil), tmp_path, flags)
    (told,) = heard.named(events.OVER_BUDGET)
    assert (told["agent"], told["phase"], told["budget_tokens"]) == ("core", "generate", 2000)
    assert told["over_tokens"] == told["used_tokens"] - 2000 > 0
    costs = made.result["cost_optimization"]
    core = costs["agents"]["core"]
    assert costs["over_budget_tokens"] == core["over_budget_tokens"] == told["over_tokens"]
    assert core["dropped_components"] == 5
    assert costs["agents"]["monitoring"]["over_budget_tokens"] == 0
    assert any(f"{told['over_tokens']:,} tokens over the budget" in line for line in made.summary)
    assert costs["dropped_components"] == len(heard.named(events.COMPONENT_DROPPED))


def test_an_answer_without_a_file_is_paid_for() -> None:
    """What is left is counted again before the call is repeated; then the component is dropped."""
    model = BackendModel(spoil=lambda _: Answer(""))
    jobs = [job("config")]
    prompt = builder().together(jobs)
    _, heard, calls = write(jobs, tokens(jobs) + prompt_tokens(prompt) - 1, model=model)
    assert len(calls) == 1
    assert [fields["kind"] for fields in heard.named(events.COMPONENT_DROPPED)] == ["config"]


def test_an_unusable_answer_is_asked_for_again_in_a_smaller_call() -> None:
    """Compressed, as if it were the first time."""
    answers = iter([Answer("")])
    model = BackendModel(spoil=lambda _: next(answers, None))
    jobs = [job("services")]
    full = builder(compressed=False).together(jobs)
    limit = tokens(jobs) + prompt_tokens(full)
    written, heard, calls = write(jobs, limit, compressed=False, model=model)
    assert isinstance(written["services"], str)
    assert calls[1].system != calls[0].system
    assert len(heard.named(events.CONTEXT_COMPRESSED)) == 1


def test_a_rewrite_without_room_is_dropped(tmp_path: Path) -> None:
    """The template is in its place; each answer beyond the budget and each drop is an event."""

    def spoil(call: Call) -> Answer | None:
        path = asked(call)[0]
        if path != "core/services/services.py":
            return None
        text = files_of(SHOP)[path].replace("def ", "def (", 1) + "# words\n" * 700
        return Answer(answer_with({path: text}, [path]))

    flags = {
        **FULL, "BATCH_SIZE": "1", "TOKEN_BUDGET_PER_AGENT": "4000",
        "ENABLE_CONTEXT_COMPRESSION": "true", "ENABLE_TEMPLATE_FALLBACK": "true",
    }  # fmt: skip
    model = BackendModel(spoil=spoil)
    made, heard, _ = session(model, tmp_path, flags)
    file = next(file for file in made.artifacts if file.kind == "services")
    assert [call.phase for call in model.calls if asked(call) == [file.path]] == ["generate"]
    assert file.origin is Origin.TEMPLATE
    dropped = [fields["kind"] for fields in heard.named(events.COMPONENT_DROPPED)]
    assert dropped[0] == "services"
    assert len(heard.named(events.OVER_BUDGET)) == 1


@pytest.mark.parametrize("missing", [0, 1])
def test_a_rewrite_needs_room_for_its_answer_too(missing: int) -> None:
    """As any other call does; one token too few and it is not sent."""
    wanted, model, heard = job("config"), BackendModel(), Heard()
    rejection = Rejection("def (", ["does not parse"])
    size = count_tokens(files_of(SHOP)[wanted.path])
    limit = prompt_tokens(builder().together([wanted], rejection)) + size - missing
    budget = Budget(limit)
    tools = Tools(Chat(model.client(), "m"), builder(), RetryPolicy(smart=False), budget)
    with pytest.raises(OverBudget) if missing else nullcontext():
        run(from_model(wanted, tools, heard.trace(), rejection))
    assert [call.phase for call in model.calls] == ["regenerate"] * (1 - missing)
    assert len(heard.named(events.COMPONENT_DROPPED)) == missing
