"""The catalogue of regressions fits the generators, and docs/gate.md is of this catalogue."""

from collections import Counter
from pathlib import Path

from flagbench.self_test import catalogue, gate_page
from flagbench.self_test.catalogue import Expect

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = catalogue.load(ROOT / catalogue.FOLDER, ROOT)
AREAS = {
    "prompts", "standards", "templates", "rules", "thresholds", "caches", "retries", "pauses",
    "waves", "budgets", "models", "own CPU time", "self-reports",
}  # fmt: skip


def test_the_catalogue_covers_every_area() -> None:
    """At least 40 regressions, two or more of each area, and ten harmless changes."""
    counts = Counter(case.expect is Expect.HARMLESS for case in CATALOGUE.cases)
    assert counts[False] >= 40
    assert counts[True] >= 10
    areas = Counter(case.about for case in CATALOGUE.cases if case.expect is not Expect.HARMLESS)
    assert set(areas) == AREAS
    assert min(areas.values()) >= 2


def test_the_page_has_every_case() -> None:
    """Whoever changes the catalogue publishes again: flagbench self-test --publish docs/gate.md."""
    page = (ROOT / "docs" / "gate.md").read_text()
    assert [case.name for case in CATALOGUE.cases if f"| {case.name} |" not in page] == []


def test_the_page_is_of_this_catalogue_and_these_sources() -> None:
    """`make gate` publishes those of today."""
    assert gate_page.made_of(CATALOGUE, ROOT) in (ROOT / "docs" / "gate.md").read_text()
