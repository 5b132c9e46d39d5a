"""A scenario's reference solution must be accepted, and each wrong variant of it refuted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from flagbench import yaml_lines
from flagbench.acceptance.cases import Expected, final_cases
from flagbench.acceptance.own_cases import kind_of
from flagbench.acceptance.prover import Prover
from flagbench.errors import InputError, Problem, problems_of
from flagbench.scenario.own_checks import OwnChecks

WRONG_FILE = "wrong.yaml"


class WrongVariant(BaseModel):
    """One edit of a reference file, and the first check that it must fail."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    file: str
    replace: str = ""
    by: Annotated[str, Field(alias="with")] = ""
    create: str | None = None
    fails: str

    def apply_to(self, text: str) -> str:
        """Apply the edit to a text. Raises `ValueError` unless `replace` occurs exactly once."""
        if self.create is not None:
            return self.create
        if not self.replace or text.count(self.replace) != 1:
            raise ValueError(f"{self.replace!r} occurs {text.count(self.replace)} times")
        return text.replace(self.replace, self.by)


_VARIANTS: TypeAdapter[list[WrongVariant]] = TypeAdapter(list[WrongVariant])


@dataclass(frozen=True, slots=True)
class Solution:
    """Files of a reference solution by path, and its wrong variants."""

    folder: Path
    files: Mapping[str, str]
    wrong: tuple[WrongVariant, ...]


def load(folder: Path, pattern: str = "*.py") -> Solution:
    """Read a solution, whose files match `pattern`.

    Raises `InputError` for a missing folder or an invalid `wrong.yaml`.
    """
    if not folder.is_dir():
        expected = "a folder with hand-written app/ and tests/, and wrong.yaml"
        raise InputError(
            Problem("the reference solution is missing", where=str(folder), expected=expected)
        )
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob(pattern))
        if path.is_file() and path != folder / WRONG_FILE and "__pycache__" not in path.parts
    }
    path = folder / WRONG_FILE
    document, lines = yaml_lines.read(path)
    try:
        wrong = _VARIANTS.validate_python(document)
    except ValidationError as error:
        raise InputError(problems_of(error, lines.where)) from error
    return Solution(folder, files, tuple(wrong))


def problems(
    solution: Solution,
    expected: Expected,
    scaffold: Mapping[str, str],
    prover: Prover,
) -> Iterator[str]:
    """Describe what is wrong with the solution or with the checks; nothing if both hold."""
    cases = final_cases(expected, scaffold, solution.files)
    if expected and isinstance(expected[-1], OwnChecks):
        for kind in expected[-1].kinds:
            if not any(kind_of(expected[-1], path) == kind for path in solution.files):
                what = f"{solution.folder} has no file of kind {kind}"
                yield f"{what}; expected: one that `files` of the kind matches"
    for path in cases:
        if path not in solution.files:
            yield f"{solution.folder / path} is missing"
    reported: set[str] = set()
    for path, case_of in cases.items():
        if path in solution.files:
            proof = prover.prove(case_of(solution.files))
            where = solution.folder / (proof.path or path)
            failure = f"{where} fails {proof.check}: {proof.message}"
            if not proof.accepted and failure not in reported:  # a proof may cover several files
                reported.add(failure)
                yield failure
    for variant in solution.wrong:
        if variant.file not in cases or variant.file not in solution.files:
            yield f"{variant.what}: {variant.file} is not a file of the solution"
            continue
        try:
            text = variant.apply_to(solution.files[variant.file])
        except ValueError as error:
            yield f"{variant.what}: {error} in {variant.file}; expected: once"
            continue
        proof = prover.prove(cases[variant.file]({**solution.files, variant.file: text}))
        if proof.check != variant.fails:
            result = f"fails {proof.check}: {proof.message}" if proof.check else "is accepted"
            yield f"{variant.what}: {variant.file} {result}; expected: it fails {variant.fails}"
