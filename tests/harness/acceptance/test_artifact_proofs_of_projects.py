"""A project's files are one finding: accepted together, with the file to look at."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from flagbench.acceptance.artifact_proof import rates
from flagbench.acceptance.artifact_proofs import prove_artifacts
from flagbench.acceptance.django.rest_api import FILES
from flagbench.acceptance.proof import Proof, Provable
from flagbench.scenario.erd import Erd, read

ERD = read('{"name": "shop", "entities": [{"name": "Product", "fields": []}]}')


@dataclass(frozen=True)
class File:
    """A generated file."""

    path: str
    text: str = "x = 1\n"
    approved: bool = True
    request_id: str = "r1"


@dataclass
class Judge:
    """A prover that says what it is told, and remembers what it was shown."""

    proof: Proof
    shown: Mapping[str, str] | None = None

    def prove(self, case: Provable) -> Proof:
        """The proof."""
        self.shown = case.files
        return self.proof


REFUSED = Proof("columns", "wrong", {"contract": (2, 3)}, path="api/models.py")


def test_a_refused_project_names_the_file_to_look_at() -> None:
    """With its text; the folder is what was asked for, so that two runs can be paired."""
    judge = Judge(REFUSED)
    files = [File(path, f"{path}\n") for path in FILES]
    (found,) = prove_artifacts(files, (ERD,), {"manage.py": "main()\n"}, judge)
    assert (found.request, found.path, found.file, found.text) == (
        1, "api", "api/models.py", "api/models.py\n",
    )  # fmt: skip
    assert judge.shown == {"manage.py": "main()\n", **{path: f"{path}\n" for path in FILES}}
    assert rates([found])["contract_rate"] == (2, 3)
    assert rates([found])["false_approval_rate"] == (1, 1)


@pytest.mark.parametrize(("refused", "approved"), [("", True), ("api/views.py", False)])
def test_a_project_is_approved_if_all_its_files_are(refused: str, approved: bool) -> None:
    """One that waits for a person is enough."""
    files = [File(path, approved=path != refused) for path in FILES]
    (found,) = prove_artifacts(files, (ERD,), {}, Judge(Proof()))
    assert found.approved is approved


@pytest.mark.parametrize("files", [FILES[1:], ()])
def test_a_project_that_lacks_a_file_was_not_made(files: tuple[str, ...]) -> None:
    """Nothing is run; a request that nobody understood has artifacts without a path."""
    made = [File(path) for path in files] or [File("", "", approved=False)]
    (found,) = prove_artifacts(made, (ERD,), {}, Judge(Proof()))
    assert found.proof.check == "made"
    assert not found.text


def test_each_request_has_a_project_of_its_own() -> None:
    """No file of the first is in the second."""
    judge = Judge(Proof())
    first = [File(path, "a\n") for path in FILES]
    second = [File(path, "b\n", request_id="r2") for path in FILES]
    other: Erd = read('{"name": "other", "entities": [{"name": "Thing", "fields": []}]}')
    found = prove_artifacts([*first, *second], (ERD, other), {}, judge)
    assert [one.request for one in found] == [1, 2]
    assert judge.shown is not None
    assert set(judge.shown.values()) == {"b\n"}
