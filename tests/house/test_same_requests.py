"""Scenarios that put the requests of another to another provider or subject have the same ones."""

from pathlib import Path

import pytest

from flagbench.scenario import loading

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
PAIRS = [
    (path.stem, path.stem.removeprefix("smollm2-").removesuffix("-lean"))
    for path in sorted((*SCENARIOS.glob("smollm2-*.yaml"), *SCENARIOS.glob("*-lean.yaml")))
]


@pytest.mark.parametrize(("name", "original"), PAIRS)
def test_requests_and_their_specifications_are_those_of_the_original(
    name: str, original: str
) -> None:
    """A table that shows both side by side compares the same work, proven in the same way."""
    other, first = (loading.load(SCENARIOS / f"{each}.yaml") for each in (name, original))
    assert other.requests == first.requests
    assert other.acceptance == first.acceptance


def test_the_real_model_and_the_lean_control_are_among_them() -> None:
    """The pairs are found by their names."""
    real = {f"smollm2-{name}" for name in ("student", "academic-session", "django-blog")}
    assert real | {"student-lean"} <= {name for name, _ in PAIRS}
