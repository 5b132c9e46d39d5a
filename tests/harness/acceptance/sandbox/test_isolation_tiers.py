"""A weaker sandbox proves the same: what is missing is protection, never a verdict."""

from pathlib import Path

import pytest

from flagbench import subject, subject_loading
from flagbench.acceptance import prover, reference_solutions
from flagbench.acceptance.cases import Application
from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.proof import Case
from flagbench.acceptance.sandbox.isolation import ALL
from flagbench.acceptance.sandbox.sandbox import Sandbox
from flagbench.scenario import loading

ROOT = Path(__file__).resolve().parents[4]


def cases() -> list[Case]:
    """The files of the reference solution of `student`."""
    one = loading.load(ROOT / "scenarios" / "student.yaml")
    files = reference_solutions.load(ROOT / "scenarios" / "solutions" / "student").files
    scaffold = subject.scaffold_of(subject_loading.load(one.subject))
    made = Application(scaffold).after(one.acceptance[0], files)
    return [case for _, case in made if case is not None]


@pytest.mark.thorough
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
        proofs = {case.kind: prover.judge_case(case, sandbox, {}) for case in cases()}
    assert {kind: proof.message for kind, proof in proofs.items()} == dict.fromkeys(proofs, "")
    assert len(proofs) == 4
