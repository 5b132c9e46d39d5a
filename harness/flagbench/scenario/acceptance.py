"""The specification of each request of a scenario: what a generated file must be to be accepted."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from flagbench.scenario import brief, erd, work
from flagbench.scenario.brief import Brief
from flagbench.scenario.erd import Erd
from flagbench.scenario.own_checks import OwnChecks, OwnChecksPart
from flagbench.scenario.request_file import Documents
from flagbench.scenario.schema import ScenarioFile
from flagbench.scenario.specification import Entity, closure
from flagbench.scenario.work import Work
from flagbench.yaml_lines import Problems, WrongLines

T = TypeVar("T")
Acceptance = (
    tuple[Entity, ...]
    | tuple[Erd, ...]
    | tuple[Brief, ...]
    | tuple[Work, ...]
    | tuple[OwnChecks, ...]
)


def read(
    folder: Path, file: ScenarioFile, requests: Sequence[Documents], problems: Problems
) -> Acceptance:
    """The specification of each request: an entity or checks of the file, or the request itself."""
    if isinstance(file.acceptance, OwnChecksPart):
        return (_own_checks(folder, file.acceptance, problems),) * len(requests)
    if not isinstance(file.acceptance, str):
        _check_entities(file.acceptance, len(requests), problems)
        return tuple(file.acceptance)
    if file.acceptance == "enterprise-system":
        return _read_each(folder, requests, brief.read, "a brief", "a brief in YAML", problems)
    if file.acceptance == "optimizer-work":
        return _read_each(folder, requests, work.read, "a work", "work in YAML", problems)
    expected = "an ERD in JSON (`flagbench erd` checks it)"
    return _read_each(folder, requests, erd.read, "an ERD", expected, problems)


def _read_each(
    folder: Path,
    requests: Sequence[Documents],
    read: Callable[[str], T],
    what: str,
    expected: str,
    problems: Problems,
) -> tuple[T, ...]:
    """Read the specifications that the requests are themselves."""
    read_ones = []
    for number, request in enumerate(requests):
        if any(name and not text.strip() for name, text in request.files):
            continue  # which is a problem already
        try:
            read_ones.append(read(request.text))
        except WrongLines as error:
            for line, wrong, wanted in error.wrong:
                name, own_line = request.place(line)
                if name:
                    problems.add_at(f"{folder / name}:{own_line}", wrong, wanted)
                else:
                    told = f"not {what}: line {own_line}: {wrong}"
                    problems.add(("requests", number), told, wanted or expected)
        except ValueError as error:
            problems.add(("requests", number), f"not {what}: {error}", expected)
    return tuple(read_ones)


def _check_entities(entities: Sequence[Entity], requests: int, problems: Problems) -> None:
    """Check that each request has an entity, related only to itself and earlier ones."""
    if entities and len(entities) != requests:
        what = f"{len(entities)} entities for {requests} requests"
        expected = "for each request in order, its entity as it must then be"
        problems.add(("acceptance",), what, expected)
        return
    known: dict[str, Entity] = {}
    for number, entity in enumerate(entities):
        known[entity.entity] = entity
        try:
            closure(entity, known)
        except ValueError as error:
            expected = f"one of {', '.join(known)}"
            problems.add(("acceptance", number, "relations"), str(error), expected)


def _own_checks(folder: Path, part: OwnChecksPart, problems: Problems) -> OwnChecks:
    """The checks; a problem for each file that they name and that is not there."""
    checks = OwnChecks(folder.absolute(), part.kinds)
    for kind, check in checks.kinds.items():
        for number, path in enumerate(check.reads):
            if not checks.place_of(path).exists():
                place = ("acceptance", "kinds", kind, "reads", number)
                expected = "a file or folder, relative to the scenario's folder"
                problems.add(place, f"{path} does not exist", expected)
    return checks
