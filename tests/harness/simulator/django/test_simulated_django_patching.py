"""Patches of a Django backend: they apply, mend what was named and leave the rest."""

import ast
import dataclasses
from pathlib import Path

import black
import pytest
from django_project import PATHS, SCAFFOLD, look_of, proved, shop, written
from django_prompts import patch
from issue_words import ISSUES
from prompts import applied, content

from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.django.defects import SLIPS, Defect
from flagbench.simulator.django.defects.text import parses
from flagbench.simulator.django.patching import faults_in, mended
from flagbench.simulator.django.plan import KINDS
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.writer import STYLES
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

SHOP = shop()
BY_NAME = {slip.name: slip for slip in SLIPS}
EVERY = [(slip, kind) for slip in SLIPS for kind in slip.rates]
PROVIDER = SimulatedProvider(ProviderSettings(), lambda text: len(text) // 4)
TIDY = {"tight_spacing", "long_lines", "unused_imports", "does_not_parse"}


def _spoiled(slip: Defect, kind: str, number: int) -> tuple[str, str]:
    """A file with the slip at the first entity that has a place for it, and without."""
    style, look, draws = STYLES[kind][number % 3], look_of(number), Rng.of(0, {"n": number}, 1, 1)
    clean = style(planned(kind, SHOP), SHOP, look)
    places = [one.name for one in SHOP.entities] if slip.per == "entity" else [""]
    for place in places[number % 2 :] + places[: number % 2]:
        plan = slip.strike(planned(kind, SHOP), SHOP, place, draws)
        code = slip.spoil(style(plan, SHOP, look), kind, draws)
        if code != clean:
            return code, clean
    return clean, clean


def _issues(slip: Defect, kind: str, code: str, words: str) -> list[str]:
    """One issue for each place where the slip is."""
    found = [(x.entity, x.member) for x in faults_in(kind, SHOP, code) if "{" in words]
    found = found if slip.name != "truncated" else [("Invoice", "")]
    issues = [words.format(e=e or "Order", m=m) for e, m in found or [("Order", "")]]
    return list(dict.fromkeys(issues))


@pytest.mark.parametrize("formatted", [False, True])
@pytest.mark.parametrize(("slip", "kind"), EVERY, ids=lambda x: getattr(x, "name", x))
def test_named_slip_is_mended(slip: Defect, kind: str, formatted: bool) -> None:
    """As it was written and as black writes it, in every style: nothing is wrong afterwards, and
    few lines are others."""
    for number in range(3 if formatted else 6):
        code, clean = _spoiled(slip, kind, number)
        if code == clean:
            continue
        if formatted and slip.name not in TIDY:
            code = black.format_str(code, mode=black.Mode(line_length=79))
        for words in ISSUES[slip.name]:
            text = code
            for issue in _issues(slip, kind, code, words):
                text = mended(kind, SHOP, text, issue)
            assert parses(text), words
            left = {one.slip for one in faults_in(kind, SHOP, text)}
            assert not left or (slip.name == "no_docstrings" and left == {"no_docstrings"}), words
            assert text != code or slip.name == "long_lines"
            assert text == clean or slip.name not in {"unused_imports", "tight_spacing"}
            lines = set(text.split("\n")) - set(code.split("\n"))
            assert len(lines) <= (40 if slip.per == "file" else 12)


@pytest.mark.parametrize("kind", KINDS)
def test_patch_of_the_provider_applies(kind: str) -> None:
    """Nine patches of ten mend; each one's blocks are found once, or it is an apology."""
    slip = {"models": "unique_forgotten", "serializers": "all_fields", "views": "allow_any",
            "router": "wrong_prefix", "auth": "view_not_asked"}[kind]  # fmt: skip
    code, _ = _spoiled(BY_NAME[slip], kind, 1)
    (issue, *_) = _issues(BY_NAME[slip], kind, code, ISSUES[slip][-1])
    mends = 0
    for trial in range(1, 201):
        answer = content(PROVIDER.answer(patch(kind, code, [issue]), trial=trial))
        changed = applied(code, answer)
        assert ast.parse(changed)
        mends += not faults_in(kind, SHOP, changed)
    assert 168 <= mends <= 195


def test_other_slips_stay() -> None:
    """Of two slips in one model the one that was named goes."""
    plan = planned("models", SHOP)
    for name in ("unique_forgotten", "choices_forgotten", "order_forgotten"):
        plan = BY_NAME[name].strike(plan, SHOP, "Customer", Rng.of(0, {}, 1, 1))
    for style in STYLES["models"]:
        code = style(plan, SHOP, look_of(2))
        text = mended("models", SHOP, code, "Customer.status lacks its choices")
        left = {one.slip for one in faults_in("models", SHOP, text)}
        assert left == {"unique_forgotten", "order_forgotten"}
        text = mended("models", SHOP, text, "Product.title must be unique")
        assert {one.slip for one in faults_in("models", SHOP, text)} == left


def test_docstring_goes_where_it_is_asked_for() -> None:
    """A docstring of one class is no docstring of the others, nor of the module."""
    for kind in ("models", "serializers", "views"):
        plan = dataclasses.replace(planned(kind, SHOP), documented=False)
        code = STYLES[kind][0](plan, SHOP, look_of(0))
        text = mended(kind, SHOP, code, "Order needs a docstring")
        assert code.count('"""') == 0 and text.count('"""') == 2
        text = mended(kind, SHOP, code, "the module needs a docstring")
        assert text.startswith('"""')


def test_member_is_written_as_the_erd_says() -> None:
    """An issue in words that name no slip, but a member, has its declaration written again."""
    code = STYLES["models"][0](planned("models", SHOP), SHOP, look_of(0))
    wrong = code.replace("number = models.IntegerField(", "number = models.CharField(")
    assert wrong != code
    assert mended("models", SHOP, wrong, "Order.number must be an IntegerField") == code


def test_issue_that_is_none_changes_nothing() -> None:
    """What the file has right already, and remarks of taste, leave it as it is."""
    for kind in KINDS:
        code = STYLES[kind][0](planned(kind, SHOP), SHOP, look_of(0))
        for issue in ("the colours clash with the curtains", "Order.buyer may be null: null=True"):
            assert mended(kind, SHOP, code, issue) == code
    answers = {content(PROVIDER.answer(patch("auth", code, ["Use blue."]), trial=n))
               for n in range(1, 9)}  # fmt: skip
    assert any(answer.startswith("I am sorry") for answer in answers)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_mended_is_written_again(kind: str) -> None:
    """Rubbish is replaced by the whole file."""
    text = mended(kind, SHOP, "def broken(:\n    return (\n\n]\n", "it does not parse")
    assert faults_in(kind, SHOP, text) == []


@pytest.mark.skipif(not SCAFFOLD.exists(), reason="the scaffold of a project is not there")
def test_mended_projects_run(tmp_path: Path) -> None:
    """Files with slips that were mended one after the other run in a real Django."""
    rounds = (
        {"models": "reverse_clash", "views": "protected_unanswered", "router": "not_registered",
         "serializers": "truncated", "auth": "view_not_asked"},
        {"models": "truncated", "views": "raw_sql", "router": "auth_left_out",
         "serializers": "unknown_field", "auth": "strangers_read"},
    )  # fmt: skip
    projects = []
    for number in range(3):
        for slips in rounds:
            texts = written(SHOP, number)
            for kind, name in slips.items():
                code, clean = _spoiled(BY_NAME[name], kind, number)
                assert code != clean
                for issue in _issues(BY_NAME[name], kind, code, ISSUES[name][0]):
                    code = mended(kind, SHOP, code, issue)
                texts[kind] = code
            projects.append(texts)
    for project, failed in zip(projects, proved(tmp_path, projects), strict=True):
        assert failed == {}, project
    assert set(PATHS) == set(KINDS)
