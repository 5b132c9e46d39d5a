"""A weaker sandbox proves the same: what is missing is protection, never a verdict."""

from pathlib import Path

import pytest

from harness import scenario, subject
from harness.acceptance import prover, solutions
from harness.acceptance.asking import WARM
from harness.acceptance.cases import Application
from harness.acceptance.jail.isolation import ALL
from harness.acceptance.proof import Case
from harness.acceptance.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[3]


def cases() -> list[Case]:
    """The files of the reference solution of `student`."""
    one = scenario.load(ROOT / "scenarios" / "student.yaml")
    files = solutions.load(ROOT / "scenarios" / "solutions" / "student").files
    scaffold = subject.scaffold_of(subject.load(one.subject))
    made = Application(scaffold).after(one.acceptance[0], files)
    return [case for _, case in made if case is not None]


@pytest.mark.parametrize(
    "walls",
    [ALL - {"mount"}, ALL - {"network"}, frozenset({"landlock", "seccomp", "limits"}),
     frozenset({"limits"})],
    ids=["no-mount", "no-network", "no-namespaces", "limits-alone"],
)  # fmt: skip
def test_the_reference_is_accepted_behind_fewer_walls(walls: frozenset[str]) -> None:
    """Schema, routes, page and tests."""
    with Sandbox(WARM, walls=walls) as sandbox:
        assert not sandbox.isolation.is_full
        proofs = {case.kind: prover.judged(case, sandbox, {}) for case in cases()}
    assert {kind: proof.message for kind, proof in proofs.items()} == dict.fromkeys(proofs, "")
    assert len(proofs) == 4
