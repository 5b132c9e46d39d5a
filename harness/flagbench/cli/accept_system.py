"""Cases of `flagbench accept` for the folder of an enterprise system."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from flagbench.acceptance.artifact_proof import MADE_CHECK
from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.proof import Proof
from flagbench.cli.accept_cases import Candidate, text_of, texts_of
from flagbench.errors import InputError, Problem, problems_of
from flagbench.scenario.brief import Brief, read
from flagbench.scenario.request_file import Documents
from flagbench.yaml_lines import WrongLines

KIND = "enterprise-system"


def brief_of(spec: Path, definitions: Sequence[Path]) -> Brief:
    """Read a brief from a YAML file, with the definitions it names. Raises `InputError`."""
    documents = Documents([(str(path), text_of(path)) for path in (spec, *definitions)])
    try:
        return read(documents.text)
    except WrongLines as error:
        raise InputError(
            Problem(what, ":".join(map(str, documents.place(line))), expected)
            for line, what, expected in error.wrong
        ) from error
    except ValidationError as error:
        raise InputError(problems_of(error, str(spec))) from error
    except ValueError as error:
        raise InputError(Problem(str(error), where=str(spec))) from error


def cases(folder: Path, brief: Brief) -> Iterator[Candidate]:
    """A case for every component that the system of a brief has. Raises `InputError`."""
    if not folder.is_dir():
        expected = "a folder with core/, security/, infrastructure/, docs/, monitoring/ and tests/"
        raise InputError(
            Problem("a system cannot be a single file", where=str(folder), expected=expected)
        )
    for path, case in Systems({}).after(brief, texts_of(folder)):
        missing = Proof.refuted(MADE_CHECK, "the file is missing")
        yield folder / path, case.kind if case else brief.name, case or missing
