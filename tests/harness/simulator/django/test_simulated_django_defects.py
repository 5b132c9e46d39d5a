"""Every defect of a Django backend: what it changes and nothing else, how often, what it breaks."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django_project import look_of, proved, shop, written
from issue_words import ISSUES

from flagbench.simulator.django.defects import DEFECTS, FIXED, Defect, Named, named_in, present_in
from flagbench.simulator.django.defects.defect import SHARE
from flagbench.simulator.django.defects.text import TEXT_DEFECTS, parses
from flagbench.simulator.django.draft import draft
from flagbench.simulator.django.patching import differences
from flagbench.simulator.django.plan import KINDS
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.writer import STYLES
from flagbench.simulator.rng import Rng

SHOP = shop()
BY_NAME = {defect.name: defect for defect in DEFECTS}
STRIKING = [
    (defect, kind) for defect in DEFECTS for kind in defect.rates if defect not in TEXT_DEFECTS
]
TIDY = {"tight_spacing", "long_lines", "unused_imports", "no_docstrings"}


def _draws(number: int) -> Rng:
    return Rng.of(0, {"number": number}, 1, 1)


def _places(defect: Defect, project: Project = SHOP) -> list[str]:
    return [one.name for one in project.entities] if defect.per == "entity" else [""]


def _struck(defect: Defect, kind: str, number: int) -> Iterator[tuple[str, str, str]]:
    """(place, clean text, text with the defect) wherever the shop has a place for it."""
    style, look = STYLES[kind][number % 3], look_of(number)
    clean = style(planned(kind, SHOP), SHOP, look)
    for place in _places(defect):
        draws = _draws(number).within(place)
        plan = defect.strike(planned(kind, SHOP), SHOP, place, draws)
        code = defect.spoil(style(plan, SHOP, look), kind, draws)
        if code != clean:
            yield place, clean, code


@pytest.mark.parametrize(("defect", "kind"), STRIKING, ids=lambda x: getattr(x, "name", x))
def test_defect_changes_this_and_nothing_else(defect: Defect, kind: str) -> None:
    """Read again, the file differs from the ERD by the defect at its entity and by nothing else."""
    seen = set()
    for number in range(6):
        for place, clean, code in _struck(defect, kind, number):
            assert ast.parse(code)
            found = [
                " ".join(f"{x.place} {x.meaning}" for x in (one.old, one.new) if x)
                for one in differences(kind, SHOP, code)
                if not one.statement.name.startswith("from ")
            ]
            assert found
            assert all(place in words for words in found)
            assert abs(len(code.split("\n")) - len(clean.split("\n"))) <= (60 if not place else 12)
            seen.add(number % 3)
    assert len(seen) >= (2 if defect.name == "permissions_left_out" else 3)


@pytest.mark.parametrize("defect", TEXT_DEFECTS, ids=lambda defect: defect.name)
def test_defect_of_text(defect: Defect) -> None:
    """It parses, or it does not where that is the defect; the tokens of the rest stay."""
    struck = 0
    for kind in defect.rates:
        for number in range(6):
            for _, clean, code in _struck(defect, kind, number):
                struck += 1
                assert parses(code) == (defect.name != "does_not_parse")
                if defect.name in {"tight_spacing", "long_lines"}:
                    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(clean))
                elif defect.name == "unused_imports":
                    found = differences(kind, SHOP, code)
                    assert {"import" in one.statement.meaning for one in found} == {True}
                    assert len(code.split("\n")) > len(clean.split("\n"))
                elif defect.name == "truncated":
                    assert all(
                        "Invoice" in x.statement.place for x in differences(kind, SHOP, code)
                    )
    assert struck > 12


@pytest.mark.parametrize("kind", KINDS)
def test_rates_are_the_documented_ones(kind: str) -> None:
    """Over 2,000 drafts each defect is drawn as often as it says, within four deviations."""
    trials = 2000
    counted: Counter[str] = Counter()
    for number in range(trials):
        counted.update(defect.name for defect, _ in present_in(kind, SHOP, _draws(number), 1.0))
    for defect in DEFECTS:
        rate = defect.rates.get(kind, 0.0)
        chances = trials * len(_places(defect))
        margin = 4 * (rate * (1 - rate) / chances) ** 0.5
        assert abs(counted[defect.name] / chances - rate) <= margin, defect.name


def test_measured_share_is_divided_whole() -> None:
    """The rates that share what was measured add up to it: 41 + 30 of 600 modules, 11.8 %."""
    total = sum(
        rate for defect in DEFECTS if defect.source == SHARE for rate in defect.rates.values()
    )
    assert abs(total - (41 + 30) / 600) < 0.0005
    assert all(defect.per == "entity" for defect in DEFECTS if defect.source == SHARE)


def test_multiplier_scales_and_clips() -> None:
    """0 writes clean files, more only ever adds defects, a huge one has all of them."""
    for number in range(40):
        draws = _draws(number)
        assert present_in("models", SHOP, draws, 0.0) == ()
        once, twice = (set(map(str, present_in("views", SHOP, draws, x))) for x in (1.0, 2.0))
        assert once <= twice
    always = {defect.name for defect, _ in present_in("router", SHOP, _draws(0), 1e6)}
    assert always == {defect.name for defect in DEFECTS if "router" in defect.rates}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("multiplier", [0.0, 1.0, 1e6])
def test_drafts_repeat_and_never_crash(kind: str, multiplier: float) -> None:
    """The same draws give the same text, others another; all defects at once are no crash."""
    texts = [draft(kind, SHOP, _draws(number), multiplier) for number in range(12)]
    assert texts == [draft(kind, SHOP, _draws(number), multiplier) for number in range(12)]
    assert len(set(texts)) > 3
    if not multiplier:
        assert all(map(parses, texts))


def test_named_defect_stays_once_in_ten() -> None:
    """In another try a named defect strikes its entity with 1 - FIXED, the others as ever."""
    trials = 2000
    named = [Named("choices_forgotten", ("Customer",), ("status",))]
    found: Counter[str] = Counter()
    for number in range(trials):
        for defect, place in present_in("models", SHOP, _draws(number), 1.0, named):
            found[f"{defect.name}/{place}"] += 1
    assert abs(found["choices_forgotten/Customer"] / trials - (1 - FIXED)) < 0.03
    assert found["choices_forgotten/Product"] / trials < 0.02


@pytest.mark.parametrize("name", sorted(ISSUES))
def test_words_name_the_defect(name: str) -> None:
    """In the words of Django, of a linter or of a person an issue is understood as its defect."""
    for kind in BY_NAME[name].rates:
        for words in ISSUES[name]:
            issue = words.format(e="Order", m="buyer")
            found = named_in(f"line 12: {issue}", kind, SHOP)
            assert found.defect == name
            assert ("Order" in found.entities) == ("{e}" in words)


def test_remarks_of_taste_name_nothing() -> None:
    """What is about no defect is about none, and names no entity that it does not mention."""
    assert named_in("please choose friendlier names", "models", SHOP) == Named("", (), ())
    assert named_in("OrderLine.amount is odd", "models", SHOP).entities == ("OrderLine",)
    assert named_in("order-lines is odd", "router", SHOP).entities == ("OrderLine",)


SEEN_BY_DJANGO = {
    "set_null_without_null": ("models", "Customer", "setup", "check"),
    "reverse_clash": ("models", "Order", "check", "fields.E304"),
    "unknown_target": ("models", "Order", "check", "fields.E300"),
    "default_at_import": ("models", "Customer", "check", "fields.W161"),
    "unknown_field": ("serializers", "Product", "serializers", "ImproperlyConfigured"),
    "wrong_serializer": ("views", "Product", "setup", "Serializer"),
    "allow_any": ("views", "Customer", "strangers", "200"),
    "auth_left_out": ("router", "", "token", "404"),
    "strangers_read": ("auth", "", "strangers", "200"),
    "view_not_asked": ("auth", "", "users", "200"),
}  # fmt: skip


@pytest.mark.thorough
def test_defects_break_what_they_are_said_to_break(tmp_path: Path) -> None:
    """In a real Django: the check, the start, the serializer or the door, each by name."""
    projects = []
    for number, (name, (kind, place, *_)) in enumerate(SEEN_BY_DJANGO.items()):
        plan = BY_NAME[name].strike(planned(kind, SHOP), SHOP, place, _draws(1))
        projects.append(written(SHOP, number % 3, **{kind: plan}))
    found = proved(tmp_path, projects)
    for (name, (*_, stage, words)), failed in zip(SEEN_BY_DJANGO.items(), found, strict=True):
        wanted = failed.get(stage) or failed.get("check") or ""
        assert failed and (words in wanted or words in failed), (name, failed)
