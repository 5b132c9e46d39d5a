"""Own checks have a case for each artifact of their kind, and prove solutions and variants."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flagbench.acceptance import reference_solutions
from flagbench.acceptance.artifact_proof import rates
from flagbench.acceptance.artifact_proofs import prove_artifacts
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.scenario.own_checks import OwnCheck, OwnChecks

GOOD, BAD = "x = 1\n", "x = = 1\n"
CHECK = {
    "run": ["python", "-m", "py_compile", "{file}"], "version": ["python", "--version"],
    "files": "app/*.py",
}  # fmt: skip


@dataclass(frozen=True)
class File:
    """A generated file."""

    kind: str
    path: str
    text: str
    approved: bool
    request_id: str


@pytest.fixture
def prover() -> Iterator[Prover]:
    """A prover without a cache on disk."""
    prover = Prover(ProofCache(None))
    yield prover
    prover.close()


def test_each_artifact_of_a_kind_is_proven_request_by_request(
    prover: Prover, tmp_path: Path
) -> None:
    """A refuted, an empty and a missing file are findings; other kinds are not looked at."""
    checks = OwnChecks(tmp_path, {"module": OwnCheck.model_validate(CHECK)})
    made = [
        File("module", "a.py", GOOD, True, "1"), File("module", "b.py", BAD, True, "1"),
        File("page", "c.py", BAD, True, "1"), File("module", "d.py", " ", False, "2"),
        File("page", "e.py", GOOD, True, "3"),
    ]  # fmt: skip
    found = prove_artifacts(made, (checks,) * 3, {}, prover)
    assert [(each.request, each.path, each.proof.check) for each in found] == [
        (1, "a.py", ""), (1, "b.py", "run"), (2, "d.py", "made"), (3, "module", "made"),
    ]  # fmt: skip
    assert "invalid syntax" in found[1].proof.message
    assert rates(found)["acceptance_rate"] == (1, 4)
    assert rates(found)["false_approval_rate"] == (1, 2)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([("a.py", GOOD), ("b.py", BAD)], [(1, "a.py", ""), (1, "b.py", "run")]),
        ([], [(1, "module", "made")]),
    ],
)
def test_files_that_name_no_request_are_the_sessions(
    made: list[tuple[str, str]], expected: list[tuple[int, str, str]],
    prover: Prover, tmp_path: Path,
) -> None:  # fmt: skip
    """All requests together have made them; where there is no file, that is refuted once."""
    checks = OwnChecks(tmp_path, {"module": OwnCheck.model_validate(CHECK)})
    files = [File("module", path, text, True, "") for path, text in made]
    found = prove_artifacts(files, (checks,) * 3, {}, prover)
    assert [(each.request, each.path, each.proof.check) for each in found] == expected


def test_a_request_that_left_nothing_is_refuted(prover: Prover, tmp_path: Path) -> None:
    """An agent that gives up leaves no file: its request is refuted, the others keep theirs."""
    checks = OwnChecks(tmp_path, {"module": OwnCheck.model_validate(CHECK)})
    made = [File("module", "a.py", GOOD, True, "2")]
    found = prove_artifacts(made, (checks,) * 2, {}, prover)
    assert [(each.request, each.path, each.proof.check) for each in found] == [
        (1, "module", "made"), (2, "a.py", ""),
    ]  # fmt: skip


def test_a_command_sees_the_files_of_earlier_requests(prover: Prover, tmp_path: Path) -> None:
    """The files of all requests up to now are there, and the scaffold."""
    see = "import os; assert os.path.exists('a.py') and os.path.exists('kept.py')"
    check = {**CHECK, "run": ["python", "-c", see]}
    checks = OwnChecks(tmp_path, {"module": OwnCheck.model_validate(check)})
    made = [
        File("module", "a.py", GOOD, True, "1"), File("module", "b.py", GOOD, True, "2"),
    ]  # fmt: skip
    found = prove_artifacts(made, (checks,) * 2, {"kept.py": ""}, prover)
    assert all(each.proof.accepted for each in found)


@pytest.mark.parametrize(
    ("text", "variant", "expected"),
    [
        (GOOD, "with: '= ='\n  fails: run", []),
        (GOOD, "with: ':='\n  fails: run", []),
        (GOOD, "with: '=  '\n  fails: run", ["is accepted; expected: it fails run"]),
        (BAD, None, ["fails run: "]),
        (None, None, ["has no file of kind module"]),
    ],
)
def test_a_solution_is_accepted_and_its_variants_refuted(
    text: str | None, variant: str | None, expected: list[str], prover: Prover, tmp_path: Path
) -> None:
    """Reference solutions and wrong variants work as for the built-in kinds."""
    (tmp_path / "app").mkdir()
    (tmp_path / "README").write_text("about")
    if text is not None:
        (tmp_path / "app" / "a.py").write_text(text)
    wrong = f"- what: a slip\n  file: app/a.py\n  replace: '='\n  {variant}\n"
    (tmp_path / "wrong.yaml").write_text(wrong if variant else "[]\n")
    checks = OwnChecks(tmp_path, {"module": OwnCheck.model_validate(CHECK)})
    solution = reference_solutions.load(tmp_path, "*")
    problems = list(reference_solutions.problems(solution, (checks,), {}, prover))
    assert len(problems) == len(expected)
    for problem, part in zip(problems, expected, strict=True):
        assert part in problem
