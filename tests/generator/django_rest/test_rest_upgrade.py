"""The generator before and after its prompts change: no cached file outlives its prompt."""

from pathlib import Path

import pytest
from scripted import Answer, Heard, ScriptedModel, run
from test_rest_subject import ERD, KINDS, OFF, good

from flagbench_generators.django_rest.upgrade import django_upgrade


@pytest.mark.parametrize("level", ["off", "disk", "both"])
def test_a_file_of_the_old_prompts_is_not_taken(tmp_path: Path, level: str) -> None:
    """Over one cache the second session asks for each file again, with the short standards."""
    answers = {("generate", kind): [Answer(good(kind))] * 2 for kind in KINDS}
    model = ScriptedModel(answers)
    flags = {**OFF, "ENABLE_RESPONSE_CACHE": level, "ENABLE_AUTO_APPROVAL": "0.8"}
    outcome, _ = run(
        django_upgrade((ERD,), flags, model.client(), model="m", workdir=tmp_path, listener=Heard())
    )
    assert [agent for _, agent in model.phases()] == [*KINDS, *KINDS]
    assert all(
        len(short.system) < len(whole.system)
        for whole, short in zip(model.calls[:5], model.calls[5:], strict=True)
    )
    assert outcome.rates["cache_hit_rate"][0] == 0
    assert len(outcome.artifacts) == len(KINDS)


def test_its_flags_are_those_of_django_without_the_standards() -> None:
    """Which standard is used is what changes between the sessions."""
    names = [factor.name for factor in django_upgrade.factors]  # type: ignore[attr-defined]
    assert "compressed" not in names
    assert "cache" in names
