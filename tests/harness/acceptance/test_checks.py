"""Every check is known to fail for what it should: the scenarios' wrong variants name them all."""

from pathlib import Path

import pytest

from flagbench.acceptance import reference_solutions
from flagbench.acceptance.django import case, judge
from flagbench.acceptance.kinds import KINDS, TEXT_CHECKS
from flagbench.scenario import loading

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = sorted(
    path for path in (ROOT / "scenarios").glob("*.yaml") if path.name not in loading.NOT_SCENARIOS
)


SOLUTIONS = ROOT / "scenarios" / "solutions"
PROVEN = [path for path in SCENARIOS if (SOLUTIONS / path.stem).is_dir()]


def kind_of(path: str) -> str:
    """The kind of a file, by its place."""
    found = [name for name, kind in KINDS.items() if Path(kind.path).parent == Path(path).parent]
    return found[0] if found else case.KIND


def test_every_check_of_every_kind_has_a_wrong_variant() -> None:
    """`pytest scenarios` then shows that it fails first for that variant, and only for it."""
    shown = {
        (kind_of(one.file), one.fails)
        for path in PROVEN
        for one in reference_solutions.load(SOLUTIONS / path.stem).wrong
    }
    own = {(name, check) for name, kind in KINDS.items() for check in kind.checks}
    own |= {(case.KIND, check) for check in judge.CHECKS}
    assert own - shown == set()
    assert {check for _, check in shown} >= set(TEXT_CHECKS)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_is_proven(path: Path) -> None:
    """Each request has its expectation, a person's or the ERD that it is."""
    one = loading.load(path)
    assert len(one.acceptance) == len(one.requests)
    assert not one.entities or path in PROVEN


@pytest.mark.parametrize("path", PROVEN, ids=lambda path: path.stem)
def test_every_solution_has_wrong_variants(path: Path) -> None:
    """At least six stand beside the right one."""
    assert len(reference_solutions.load(SOLUTIONS / path.stem).wrong) >= 6
