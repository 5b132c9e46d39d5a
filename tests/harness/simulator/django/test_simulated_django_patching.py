"""Patches of a Django backend: they apply, fix what was named and leave the rest."""

import ast
import dataclasses
import re
from pathlib import Path

import black
import pytest
from django_project import PATHS, entity, field, look_of, proved, shop, written
from django_prompts import patch
from issue_words import ISSUES
from prompts import applied, content
from sampled import sampled

from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.django.defects import DEFECTS, Defect, names_in
from flagbench.simulator.django.defects.text import parses
from flagbench.simulator.django.patching import differences, fix_issue
from flagbench.simulator.django.plan import KINDS
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import project_of
from flagbench.simulator.django.writer import STYLES
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

SHOP = shop()
BY_NAME = {defect.name: defect for defect in DEFECTS}
EVERY = [(defect, kind) for defect in DEFECTS for kind in defect.rates]
PROVIDER = SimulatedProvider(ProviderSettings(), lambda text: len(text) // 4)
TIDY = {"tight_spacing", "long_lines", "unused_imports", "does_not_parse"}


def _spoiled(defect: Defect, kind: str, number: int) -> tuple[str, str, str]:
    """A file with the defect at the first entity that can have it, without it, and the entity."""
    style, look, draws = STYLES[kind][number % 3], look_of(number), Rng.of(0, {"n": number}, 1, 1)
    clean = style(planned(kind, SHOP), SHOP, look)
    places = [one.name for one in SHOP.entities] if defect.per == "entity" else [""]
    for place in places[number % 2 :] + places[: number % 2]:
        plan = defect.strike(planned(kind, SHOP), SHOP, place, draws)
        code = defect.spoil(style(plan, SHOP, look), kind, draws)
        if code != clean:
            return code, clean, place
    return clean, clean, ""


def _members(kind: str, code: str, place: str) -> list[str]:
    """The members of the entity at which the file is not what the ERD asks for."""
    known, found = SHOP.entity(place).names, list[str]()
    for hunk in differences(kind, SHOP, code):
        old, new = (
            set(re.findall(r"\w+", x.meaning)) if x else set() for x in (hunk.old, hunk.new)
        )
        found += [hunk.statement.name] if hunk.statement.name in known else sorted(old ^ new)
    return [name for name in found if name in known] or found


def _issues(defect: Defect, kind: str, code: str, words: str, place: str) -> list[str]:
    """The issue, for each member that it is about."""
    place = place or ("Invoice" if defect.name == "truncated" else "Order")
    if defect.name == "no_docstrings":
        return [words.format(e=one.name) for one in SHOP.entities]
    members = _members(kind, code, place) if "{m}" in words else [""]
    return list(dict.fromkeys(words.format(e=place, m=member) for member in members))


@pytest.mark.parametrize("formatted", [False, True])
@pytest.mark.parametrize(
    ("defect", "kind"), sampled(EVERY, 16), ids=lambda x: getattr(x, "name", x)
)
def test_named_defect_is_fixed(defect: Defect, kind: str, formatted: bool) -> None:
    """As it was written and as black writes it, in every style: nothing is wrong afterwards, and
    few lines are others."""
    for number in range(3 if formatted else 6):
        code, clean, place = _spoiled(defect, kind, number)
        if code == clean:
            continue
        if formatted and defect.name not in TIDY:
            code = black.format_str(code, mode=black.Mode(line_length=79))
        for words in ISSUES[defect.name]:
            text = code
            for issue in _issues(defect, kind, code, words, place):
                text = fix_issue(kind, SHOP, text, issue)
            assert parses(text), words
            left = [x.statement for x in differences(kind, SHOP, text)]
            if defect.name == "no_docstrings":
                left = [x for x in left if names_in(x.place, SHOP)[0]]
            assert not left, words
            assert text != code or defect.name == "long_lines"
            assert text == clean or defect.name not in {"unused_imports", "tight_spacing"}
            lines = set(text.split("\n")) - set(code.split("\n"))
            assert len(lines) <= (40 if defect.per == "file" else 12)


@pytest.mark.parametrize("kind", KINDS)
def test_patch_of_the_provider_applies(kind: str) -> None:
    """Nine patches of ten fix it; each one's blocks are found once, or it is an apology."""
    defect = {"models": "unique_forgotten", "serializers": "all_fields", "views": "allow_any",
            "router": "wrong_prefix", "auth": "view_not_asked"}[kind]  # fmt: skip
    code, _, place = _spoiled(BY_NAME[defect], kind, 1)
    (issue, *_) = _issues(BY_NAME[defect], kind, code, ISSUES[defect][-1], place)
    fixes = 0
    for trial in range(1, 201):
        answer = content(PROVIDER.answer(patch(kind, code, [issue]), trial=trial))
        changed = applied(code, answer)
        assert ast.parse(changed)
        fixes += not differences(kind, SHOP, changed)
    assert 168 <= fixes <= 195


def test_other_defects_stay() -> None:
    """Of two defects in one model the one that was named goes."""
    plan = planned("models", SHOP)
    for name in ("unique_forgotten", "choices_forgotten", "order_forgotten"):
        plan = BY_NAME[name].strike(plan, SHOP, "Customer", Rng.of(0, {}, 1, 1))
    for style in STYLES["models"]:
        code = style(plan, SHOP, look_of(2))
        text = fix_issue("models", SHOP, code, "Customer.status lacks its choices")
        left = {x.statement.name for x in differences("models", SHOP, text)}
        assert left & {"unique", "status", "email"} == {"email"}, left
        assert len(differences("models", SHOP, code)) > len(differences("models", SHOP, text)) > 1
        assert fix_issue("models", SHOP, text, "Product.title must be unique") == text


@pytest.mark.parametrize("number", range(3))
def test_defect_beside_the_named_one_stays(number: int) -> None:
    """An issue about one member leaves another member of the entity with the same defect."""
    names = ("status", "kind", "grade")
    fields = [field(name, choices=["a", "b"], max_length=9) for name in names]
    project = project_of({"name": "one", "entities": [entity("Ticket", fields)]})
    plan, style, look = planned("models", project), STYLES["models"][number], look_of(number)
    right = {name: dataclasses.replace(plan, models=tuple(
        model.changed(name, lambda one: dataclasses.replace(one, choices=()))
        for model in plan.models
    )) for name in names}  # fmt: skip
    both = right["kind"].models[0].changed("status", lambda x: dataclasses.replace(x, choices=()))
    code = style(dataclasses.replace(plan, models=(both,)), project, look)
    text = fix_issue("models", project, code, "Ticket.status lacks its choices")
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(style(right["kind"], project, look)))
    wrong = style(right["kind"], project, look)
    for issue in ("Ticket.grade lacks its choices", "Ticket.grade must be unique"):
        assert fix_issue("models", project, wrong, issue) == wrong


def test_issue_of_every_class_leaves_their_other_defects() -> None:
    """What is named for all classes goes; another defect in the head of each of them stays."""
    plan = dataclasses.replace(planned("views", SHOP), answers_protected=False)
    wrong = BY_NAME["csrf_exempt"].strike(plan, SHOP, "Order", Rng.of(0, {}, 1, 1))
    for style in STYLES["views"]:
        text = fix_issue("views", SHOP, style(wrong, SHOP, look_of(0)), "no csrf_exempt")
        right = style(plan, SHOP, look_of(0))
        assert list(filter(None, text.split("\n"))) == list(filter(None, right.split("\n")))


@pytest.mark.parametrize("kind", KINDS)
def test_error_of_syntax_alone_is_fixed(kind: str) -> None:
    """A file with one line broken has no other line changed by the patch."""
    for number in range(12):
        style, draws = STYLES[kind][number % 3], Rng.of(0, {"n": number}, 1, 1)
        plan = dataclasses.replace(planned(kind, SHOP), documented=False)
        code = style(plan, SHOP, look_of(number))
        broken = BY_NAME["does_not_parse"].spoil(code, kind, draws)
        text = fix_issue(kind, SHOP, broken, "it does not parse").split("\n")
        assert len(set(text) - set(broken.split("\n"))) <= 1


def test_docstring_goes_where_it_is_asked_for() -> None:
    """A docstring of one class is no docstring of the others, nor of the module."""
    for kind in ("models", "serializers", "views"):
        plan = dataclasses.replace(planned(kind, SHOP), documented=False)
        code = STYLES[kind][0](plan, SHOP, look_of(0))
        text = fix_issue(kind, SHOP, code, "Order needs a docstring")
        assert code.count('"""') == 0 and text.count('"""') == 2
        text = fix_issue(kind, SHOP, code, "the module needs a docstring")
        assert text.startswith('"""')


def test_member_is_written_as_the_erd_says() -> None:
    """An issue in words that name no defect, but a member, has its declaration written again."""
    code = STYLES["models"][0](planned("models", SHOP), SHOP, look_of(0))
    wrong = code.replace("number = models.IntegerField(", "number = models.CharField(")
    assert wrong != code
    assert fix_issue("models", SHOP, wrong, "Order.number must be an IntegerField") == code


def test_issue_that_is_none_changes_nothing() -> None:
    """What the file has right already, and remarks of taste, leave it as it is."""
    for kind in KINDS:
        code = STYLES[kind][0](planned(kind, SHOP), SHOP, look_of(0))
        for issue in ("the colours clash with the curtains", "Order.buyer may be null: null=True"):
            assert fix_issue(kind, SHOP, code, issue) == code
    answers = {content(PROVIDER.answer(patch("auth", code, ["Use blue."]), trial=n))
               for n in range(1, 9)}  # fmt: skip
    assert any(answer.startswith("I am sorry") for answer in answers)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_fixed_is_written_again(kind: str) -> None:
    """Rubbish is replaced by the whole file."""
    text = fix_issue(kind, SHOP, "def broken(:\n    return (\n\n]\n", "it does not parse")
    assert differences(kind, SHOP, text) == []


@pytest.mark.thorough
def test_fixed_projects_run(tmp_path: Path) -> None:
    """Files with defects that were fixed one after the other run in a real Django."""
    rounds = (
        {"models": "reverse_clash", "views": "protected_unanswered", "router": "not_registered",
         "serializers": "truncated", "auth": "view_not_asked"},
        {"models": "truncated", "views": "raw_sql", "router": "auth_left_out",
         "serializers": "unknown_field", "auth": "strangers_read"},
    )  # fmt: skip
    projects = []
    for number in range(3):
        for defects in rounds:
            texts = written(SHOP, number)
            for kind, name in defects.items():
                code, clean, place = _spoiled(BY_NAME[name], kind, number)
                assert code != clean
                for issue in _issues(BY_NAME[name], kind, code, ISSUES[name][0], place):
                    code = fix_issue(kind, SHOP, code, issue)
                texts[kind] = code
            projects.append(texts)
    for project, failed in zip(projects, proved(tmp_path, projects), strict=True):
        assert failed == {}, project
    assert set(PATHS) == set(KINDS)
