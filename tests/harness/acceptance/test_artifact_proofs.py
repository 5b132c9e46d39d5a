"""What a session made becomes findings and rates."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from flagbench.acceptance import artifact_proof
from flagbench.acceptance.artifact_proof import ArtifactProof, rates
from flagbench.acceptance.artifact_proofs import prove_artifacts
from flagbench.acceptance.proof import Case, Proof
from flagbench.scenario.specification import Entity

STUDENT = Entity.model_validate({"entity": "Student", "attributes": {"name": "string"}})
EVOLVED = Entity.model_validate(
    {"entity": "Student", "attributes": {"name": "string", "email": "optional email"}}
)
PATHS = ("app/schemas/student.py", "app/routes/student.py", "app/pages/student.py",
         "tests/test_student.py")  # fmt: skip


@dataclass(frozen=True)
class File:
    """A generated file."""

    path: str
    text: str
    approved: bool
    request_id: str


class Scripted:
    """Refutes the files whose text says so, and remembers the cases."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def prove(self, case: Case) -> Proof:
        """A proof without running anything."""
        self.cases.append(case)
        if "bad" in case.files[case.path]:
            return Proof.refuted("create", "it does not", tests=(1, 2))
        return Proof(figures={"tests": (2, 2), "mutants": (7, 8)})


def files(request_id: str, **texts: str) -> list[File]:
    """Four approved files, some with another text."""
    named = dict(zip(("schema", "routes", "page", "tests"), PATHS, strict=True))
    return [
        File(path, texts.get(name, "good"), approved=True, request_id=request_id)
        for name, path in named.items()
    ]


def found(
    artifacts: Sequence[File], *expected: Entity
) -> tuple[tuple[ArtifactProof, ...], Scripted]:
    """The findings, and who proved."""
    prover = Scripted()
    return prove_artifacts(artifacts, expected, {"app/main.py": "main"}, prover), prover


def test_every_file_that_was_asked_for_is_a_finding() -> None:
    """Four for each request, in the application as it was then."""
    artifacts = [*files("r1", schema="first"), *files("r2", schema="second")]
    told, prover = found(artifacts, STUDENT, EVOLVED)
    assert [(one.request, one.path) for one in told] == [
        (n, path) for n in (1, 2) for path in PATHS
    ]
    schemas = [case.files[PATHS[0]] for case in prover.cases]
    assert schemas == ["first"] * 4 + ["second"] * 4
    assert [case.before for case in prover.cases] == [None] * 4 + [STUDENT] * 4
    assert all(case.files["app/main.py"] == "main" for case in prover.cases)


def test_a_file_that_was_not_made_is_refuted() -> None:
    """An empty text, or none under the name that was expected; what was made is told."""
    artifacts = [*files("r1", routes=" \n")[:3], File("tests/test_pupil.py", "x", True, "r1")]
    told, prover = found(artifacts, STUDENT)
    refuted = {one.path: one for one in told if not one.proof.accepted}
    assert set(refuted) == {PATHS[1], PATHS[3]}
    assert {one.proof.check for one in refuted.values()} == {artifact_proof.MADE_CHECK}
    assert "tests/test_pupil.py" in refuted[PATHS[3]].proof.message
    assert not refuted[PATHS[3]].approved
    assert len(prover.cases) == 2


def test_an_older_file_stays_in_the_application_when_a_newer_one_was_not_made() -> None:
    """The routes of the second request run on the schema that there is."""
    artifacts = [*files("r1", schema="first"), *files("r2", schema="")]
    told, prover = found(artifacts, STUDENT, EVOLVED)
    assert [one.proof.check for one in told[4:]] == [artifact_proof.MADE_CHECK, "", "", ""]
    assert prover.cases[-1].files[PATHS[0]] == "first"


def test_artifacts_of_fewer_requests_cannot_be_placed() -> None:
    """A session that says nothing of a request would shift all others."""
    with pytest.raises(ValueError, match="artifacts of 1 of 2 requests"):
        found(files("r1"), STUDENT, EVOLVED)


def test_rates_count_what_was_approved_and_does_not_work() -> None:
    """Three of four proven; of four approved, one falsely; figures add up."""
    told, _ = found(files("r1", routes="bad"), STUDENT)
    assert rates(told) == {
        "acceptance_rate": (3, 4),
        "false_approval_rate": (1, 4),
        "test_pass_rate": (7, 8),
        "mutant_rate": (21, 24),
        "contract_rate": (0, 0),
    }


def test_what_the_subject_rejected_itself_is_no_false_approval() -> None:
    """It counts as not accepted all the same."""
    artifacts = [File(one.path, "bad", False, "r1") for one in files("r1")]
    told, _ = found(artifacts, STUDENT)
    assert rates(told)["acceptance_rate"] == (0, 4)
    assert rates(told)["false_approval_rate"] == (0, 0)
