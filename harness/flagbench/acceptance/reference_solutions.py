"""A scenario's reference solution must be accepted, and each wrong variant of it refuted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from flagbench import yaml_lines
from flagbench.acceptance.cases import finished
from flagbench.acceptance.prover import Prover
from flagbench.errors import InputError, Problem, problems_of
from flagbench.scenario.erd import Erd
from flagbench.scenario.specification import Entity

WRONG_FILE = "wrong.yaml"


class WrongVariant(BaseModel):
    """A wrong variant: one edit of a reference file, and the check that it must fail first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    file: str
    replace: str = ""
    by: Annotated[str, Field(alias="with")] = ""
    create: str | None = None
    fails: str

    def applied_to(self, text: str) -> str:
        """The text of the variant. Raises `ValueError` if the part does not stand there once."""
        if self.create is not None:
            return self.create
        if not self.replace or text.count(self.replace) != 1:
            raise ValueError(f"{self.replace!r} stands {text.count(self.replace)} times")
        return text.replace(self.replace, self.by)


_VARIANTS: TypeAdapter[list[WrongVariant]] = TypeAdapter(list[WrongVariant])


@dataclass(frozen=True, slots=True)
class Solution:
    """The files of a reference solution by path, and its wrong variants."""

    folder: Path
    files: Mapping[str, str]
    wrong: tuple[WrongVariant, ...]


def load(folder: Path) -> Solution:
    """Read a solution. Raises `InputError` for one that is missing or wrong in form."""
    if not folder.is_dir():
        expected = "app/ and tests/ as a person writes them, and wrong.yaml"
        raise InputError(
            Problem("there is no reference solution", where=str(folder), expected=expected)
        )
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
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
    expected: Sequence[Entity] | Sequence[Erd],
    scaffold: Mapping[str, str],
    prover: Prover,
) -> Iterator[str]:
    """What is wrong with the solution, or with the checks; nothing if both are right."""
    places = finished(expected, scaffold)
    for path in places:
        if path not in solution.files:
            yield f"{solution.folder / path} is missing"
    told: set[str] = set()
    for path, case_of in places.items():
        if path in solution.files:
            found = prover.prove(case_of(solution.files))
            where = solution.folder / (found.path or path)
            refused = f"{where} is refused by {found.check}: {found.message}"
            if not found.accepted and refused not in told:  # one proof may be of several files
                told.add(refused)
                yield refused
    for one in solution.wrong:
        if one.file not in places or one.file not in solution.files:
            yield f"{one.what}: {one.file} is no file of the solution"
            continue
        try:
            text = one.applied_to(solution.files[one.file])
        except ValueError as error:
            yield f"{one.what}: {error} in {one.file}"
            continue
        found = prover.prove(places[one.file]({**solution.files, one.file: text}))
        if found.check != one.fails:
            failed = f"failed {found.check}: {found.message}" if found.check else "was accepted"
            yield f"{one.what}: {one.file} should fail {one.fails}, and {failed}"
