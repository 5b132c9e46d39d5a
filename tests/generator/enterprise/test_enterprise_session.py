"""A whole session with a model that answers as the templates do, or fails in one way."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from briefs import (
    AGENTS,
    FULL,
    OFF,
    REVIEW,
    SHOP,
    BackendModel,
    answer_with,
    asked,
    brief,
    files_of,
    session,
)
from scripted import Answer, Call, Heard

from flagbench_generators.enterprise.flags import FACTORS
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Origin


@pytest.mark.parametrize(("size", "calls"), [("1", 31), ("3", 13), ("5", 9)])
def test_batches_have_the_size_of_the_flag(tmp_path: Path, size: str, calls: int) -> None:
    """The files are the same; the calls, and the tokens by the estimate, are fewer."""
    model = BackendModel()
    made, _, _ = session(model, tmp_path, {**FULL, "BATCH_SIZE": size})
    assert {file.path: file.text for file in made.artifacts} == dict(files_of(SHOP))
    assert all(file.approved for file in made.artifacts)
    assert len(model.calls) == calls
    assert max(len(asked(call)) for call in model.calls) == int(size)
    assert (made.metrics["estimated_savings"].value > 0) is (size != "1")


@pytest.mark.parametrize(("count", "seconds"), [("1", 9), ("2", 6), ("3", 5), ("6", 5)])
def test_so_many_agents_work_at_the_same_time(tmp_path: Path, count: str, seconds: int) -> None:
    """Each call takes a second; core (2 calls) is alone, security and DevOps (2 each) are two."""
    model = BackendModel()
    _, _, took = session(model, tmp_path, {**FULL, "MAX_PARALLEL_AGENTS": count})
    assert round(took) == seconds


@pytest.mark.parametrize(("prioritized", "first"), [("true", {"core"}), ("false", set(AGENTS))])
def test_core_comes_first_with_priority(tmp_path: Path, prioritized: str, first: set[str]) -> None:
    """Without it, all six begin at once, and none has files of another one as context."""
    model = BackendModel()
    flags = {**FULL, "MAX_PARALLEL_AGENTS": "6", "PRIORITIZE_CORE_COMPONENTS": prioritized}
    session(model, tmp_path, flags)
    assert {call.agent for call in model.calls if call.at_seconds == 0} == first
    compose = next(call for call in model.calls if call.agent == "devops")
    assert ("core/config/settings.py" in compose.user) is (prioritized == "true")


def test_a_missing_component_is_asked_for_alone(tmp_path: Path) -> None:
    """Also one whose fence is not closed; the others of the answer are kept."""

    def spoil(call: Call) -> Answer | None:
        paths = asked(call)
        if call.agent != "monitoring" or len(paths) == 1:
            return None
        text = answer_with(files_of(SHOP), paths[1:])
        return Answer(text.removesuffix("````\n"), finish_reason="length")

    model = BackendModel(spoil=spoil)
    made, heard, _ = session(model, tmp_path)
    missing = [fields["kind"] for fields in heard.named(events.COMPONENT_MISSING)]
    assert missing == ["tracing", "dashboards"]
    assert made.rates["batch_complete_rate"] == (27, 29)
    assert {file.path: file.text for file in made.artifacts} == dict(files_of(SHOP))


def test_batches_that_are_answered_in_part_cost_more_than_they_save(tmp_path: Path) -> None:
    """The estimate counts each file's own prompt once, however often it was asked for."""

    def spoil(call: Call) -> Answer | None:
        path = asked(call)[0]
        return Answer(f"### {path}\n\n````\n{files_of(SHOP)[path]}````\n")

    def alone(heard: Heard) -> int:
        return sum(fields["alone_tokens"] for fields in heard.named(events.BATCH_SENT))

    _, whole, _ = session(BackendModel(), tmp_path / "whole")
    made, in_part, _ = session(BackendModel(spoil=spoil), tmp_path / "in part")
    assert len(in_part.named(events.COMPONENT_MISSING)) > 10
    assert alone(in_part) == alone(whole)
    assert made.result["cost_optimization"]["estimated_cost_savings"]["tokens"] < 0


def test_an_answer_without_headings_has_no_file(tmp_path: Path) -> None:
    """Whatever a model writes instead, each component is asked for alone."""

    def spoil(call: Call) -> Answer | None:
        return Answer("I cannot do that.\n") if len(asked(call)) > 1 else None

    made, _, _ = session(BackendModel(spoil=spoil), tmp_path)
    assert {file.path: file.text for file in made.artifacts} == dict(files_of(SHOP))


def test_a_batch_without_an_answer_saves_nothing(tmp_path: Path) -> None:
    """Its event comes with the answer: a call that fails asked for no components."""

    def spoil(call: Call) -> Answer | None:
        return Answer(status=503) if call.agent == "monitoring" else None

    made, heard, _ = session(BackendModel(spoil=spoil), tmp_path)
    sent = [fields["agent"] for fields in heard.named(events.BATCH_SENT)]
    assert set(sent) == set(AGENTS) - {"monitoring"}
    assert made.rates["batch_complete_rate"] == (25, 25)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Answer(status=503), "ServerFault"),
        (Answer("````\n{\n````\n"), "does not parse"),
        (Answer(""), "Malformed"),
    ],
)
@pytest.mark.parametrize("fallback", ["true", "false"])
def test_templates_take_over_from_a_model_that_fails(
    tmp_path: Path, bad: Answer, reason: str, fallback: str
) -> None:
    """Without them, the file is missing or not approved."""
    model = BackendModel(spoil=lambda call: bad if "dashboard.json" in asked(call)[0] else None)
    flags = {**FULL, "BATCH_SIZE": "1", "ENABLE_TEMPLATE_FALLBACK": fallback}

    made, heard, _ = session(model, tmp_path, flags)
    file = next(file for file in made.artifacts if file.kind == "dashboards")
    rescued = heard.named(events.SIMPLIFIED_TEMPLATE)
    if fallback == "true":
        assert (file.origin, file.approved) == (Origin.TEMPLATE, True)
        assert file.text == files_of(SHOP)[file.path]
        assert reason in rescued[0]["reason"]
        assert made.result["summary"]["generation_method"] == "model + templates"
    else:
        assert not file.approved
        assert reason in file.reason
        assert rescued == []


def test_a_budget_is_kept_by_every_agent(tmp_path: Path) -> None:
    """What no budget is left for is written by templates; each step is an event."""
    model = BackendModel()
    flags = {**FULL, "TOKEN_BUDGET_PER_AGENT": "2000", "ENABLE_TEMPLATE_FALLBACK": "true"}
    made, heard, _ = session(model, tmp_path, flags)
    dropped = {fields["kind"] for fields in heard.named(events.COMPONENT_DROPPED)}
    templates = {file.kind for file in made.artifacts if file.origin is Origin.TEMPLATE}
    assert heard.named(events.CONTEXT_COMPRESSED)
    assert dropped == templates
    assert "controllers" in dropped
    assert "config" not in dropped
    assert made.rates["budget_drop_rate"] == (len(dropped), 31)


def test_the_same_brief_again_is_not_paid_for(tmp_path: Path) -> None:
    """With one entity more, the files that do not depend on the entities are reused."""
    flags = {**FULL, "ENABLE_CACHING": "true"}
    more = brief(components=REVIEW)
    model = BackendModel(more)
    session(model, tmp_path, flags, [more])
    calls = len(model.calls)
    made, _, _ = session(model, tmp_path, flags, [more])
    assert (len(model.calls), made.rates["cache_hit_rate"]) == (calls, (31, 31))
    grown = BackendModel(SHOP)
    made, _, _ = session(grown, tmp_path, flags)
    reused = {file.kind for file in made.artifacts if file.origin is Origin.MEMORY}
    assert reused >= {"config", "middleware", "auth", "dockerfile", "kubernetes", "prometheus"}
    assert not reused & {"models", "services", "api", "unit"}


def test_compression_shortens_prompts(tmp_path: Path) -> None:
    """Short standards, and signatures in place of files."""
    sizes: Mapping[str, int] = {}
    for level in ("true", "false"):
        model = BackendModel()
        session(model, tmp_path, {**FULL, "ENABLE_CONTEXT_COMPRESSION": level})
        text = "".join(call.system + call.user for call in model.calls)
        sizes = {**sizes, level: len(text)}
        assert ("    with closing(connect())" in text) is (level == "false")
    assert sizes["true"] < 0.6 * sizes["false"]


def test_the_result_has_the_seeds_keys(tmp_path: Path) -> None:
    """The totals are the sums of the calls, by agent beside the seed's estimates."""
    model = BackendModel()
    made, _, _ = session(model, tmp_path)
    costs, summary = made.result["cost_optimization"], made.result["summary"]
    assert summary["total_files"] == 31
    assert summary["generation_method"] == "model"
    assert costs["seed_tokens"] == 14_800
    assert costs["measured_tokens"] == made.reported["tokens"] == 120 * len(model.calls)
    assert costs["agents"]["devops"] == {
        "seed_tokens": 4000, "measured_tokens": 240, "calls": 2, "over_budget_tokens": 0,
        "dropped_components": 0,
    }  # fmt: skip
    assert costs["estimated_cost_savings"]["percentage"] == made.metrics["estimated_savings"].value


def test_a_wrong_brief_is_in_the_outcome(tmp_path: Path) -> None:
    """No call is made for it, and the others are written."""
    model = BackendModel()
    made, heard, _ = session(model, tmp_path, OFF, ["name: [", SHOP])
    assert len(heard.named(events.RECOGNITION_FAILED)) == 1
    assert sum(file.approved for file in made.artifacts) == 31


def test_the_flags_are_the_seeds() -> None:
    """Names and defaults of its CostOptimizationConfig, and the two that it describes in words."""
    assert {factor.name: factor.default for factor in FACTORS} == {
        "max_parallel_agents": "3", "batch_size": "5", "token_budget_per_agent": "4000",
        "enable_caching": "true", "prioritize_core_components": "true",
        "enable_context_compression": "true", "enable_template_fallback": "true",
    }  # fmt: skip
