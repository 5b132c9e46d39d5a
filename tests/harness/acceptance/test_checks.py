"""Every check is known to fail for what it should: the scenarios' wrong variants name them all."""

from pathlib import Path

import pytest

from harness import scenario
from harness.acceptance import solutions
from harness.acceptance.kinds import KINDS, TEXT_CHECKS

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = sorted(
    path for path in (ROOT / "scenarios").glob("*.yaml") if path.name not in scenario.NOT_SCENARIOS
)


def kind_of(path: str) -> str:
    """The kind of a file, by its place."""
    (name,) = [name for name, kind in KINDS.items() if Path(kind.path).parent == Path(path).parent]
    return name


def test_every_check_of_every_kind_has_a_wrong_variant() -> None:
    """`pytest scenarios` then shows that it fails first for that variant, and only for it."""
    shown = {
        (kind_of(one.file), one.fails)
        for path in SCENARIOS
        for one in solutions.load(ROOT / "scenarios" / "solutions" / path.stem).wrong
    }
    own = {(name, check) for name, kind in KINDS.items() for check in kind.checks}
    assert own - shown == set()
    assert {check for _, check in shown} >= set(TEXT_CHECKS)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_is_proven_and_has_a_solution(path: Path) -> None:
    """Each request has its expectation, and at least six wrong variants stand beside the right."""
    one = scenario.load(path)
    assert len(one.acceptance) == len(one.requests)
    assert len(solutions.load(ROOT / "scenarios" / "solutions" / path.stem).wrong) >= 6
