"""Cases of `flagbench accept`: files and folders with their entities or ERD."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from flagbench import subject, subject_loading, yaml_lines
from flagbench.acceptance.artifact_proof import MADE_CHECK
from flagbench.acceptance.cases import Application
from flagbench.acceptance.crud import ddl
from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.django.rest_api import FILES
from flagbench.acceptance.kinds import KINDS, ROUTES_PATH, SCHEMA_PATH
from flagbench.acceptance.packages import REQUIREMENTS
from flagbench.acceptance.proof import Proof, Provable
from flagbench.errors import InputError, Place, Problem, problems_of
from flagbench.scenario.erd import Erd, read
from flagbench.scenario.specification import Entity, closure

_ENTITIES: TypeAdapter[list[Entity]] = TypeAdapter(list[Entity])

_FOREIGN = ("__pycache__", "node_modules", "site-packages")

Candidate = tuple[Path, str, Provable | Proof]
"""A file or folder, the name of its entity or ERD, and its case; a refutation if it is missing."""


def entities_of(spec: Path) -> dict[str, Entity]:
    """Read the entities of a spec by name. Raises `InputError`.

    Those of a scenario are as its last request leaves them."""
    document, lines = yaml_lines.read(spec)
    outer: Place = ()
    if isinstance(document, dict) and "acceptance" in document:
        document, outer = document["acceptance"], ("acceptance",)
    try:
        listed = (
            _ENTITIES.validate_python(document)
            if isinstance(document, list)
            else [Entity.model_validate(document)]
        )
        entities = {entity.entity: entity for entity in listed}
        for entity in listed:
            closure(entity, entities)
    except ValidationError as error:
        raise InputError(
            problems_of(
                error,
                lambda place: lines.where((*outer, *place)),
                document=list[Entity] if isinstance(document, list) else Entity,
            )
        ) from error
    except ValueError as error:
        raise InputError(Problem(str(error), where=str(spec))) from error
    return entities


def scaffold_of(dotted: str) -> Mapping[str, str]:
    """Load the files that surround what a subject generates. Raises `InputError`."""
    try:
        return subject.scaffold_of(subject_loading.load(dotted))
    except InputError as error:
        placed = [replace(problem, where="--subject") for problem in error.problems]
        raise InputError(placed) from error


def entity_of(file: Path, entities: Mapping[str, Entity], name: str | None, spec: Path) -> Entity:
    """The entity of a file: that of `name`, else by the file's name. Raises `InputError`."""
    if name is not None:
        if name not in entities:
            what = f"{spec} has no entity {name!r}"
            raise InputError(Problem(what, where="--entity", expected=", ".join(entities)))
        return entities[name]
    if len(entities) == 1:
        return next(iter(entities.values()))
    stem = file.stem.removeprefix("test_")
    for entity in entities.values():
        if entity.module == stem:
            return entity
    what = f"its name matches no entity of {spec}"
    raise InputError(Problem(what, where=str(file), expected=f"--entity {'|'.join(entities)}"))


def single(
    file: Path,
    kind: str,
    entity: Entity,
    entities: Mapping[str, Entity],
    around: Path | None,
    scaffold: Mapping[str, str],
) -> Candidate:
    """The case of a single file; schemas that are missing are made from the spec."""
    around_files = _files(around) if around else {}
    files = dict(around_files)
    for other in entities.values():
        related = closure(other, entities)
        files.setdefault(SCHEMA_PATH.format(module=other.module), ddl.module(other, related))
    routes = ROUTES_PATH.format(module=entity.module)
    if ROUTES_PATH in KINDS[kind].needs and routes not in files:
        expected = f"--around FOLDER with {routes}"
        raise InputError(Problem(f"a {kind} file needs routes", where=str(file), expected=expected))
    files[KINDS[kind].path_of(entity)] = text_of(file)
    surroundings = {**scaffold, **around_files}
    return file, entity.entity, Application(surroundings, dict(entities), files).case(kind, entity)


def erd_of(spec: Path) -> Erd:
    """Read an ERD from a JSON file. Raises `InputError`."""
    try:
        return read(text_of(spec))
    except ValidationError as error:
        raise InputError(problems_of(error, str(spec))) from error
    except ValueError as error:
        raise InputError(Problem(f"not valid JSON: {error}", where=str(spec))) from error


def project(folder: Path, wanted: Erd, scaffold: Mapping[str, str]) -> Provable | Proof:
    """The case of a project; files of the folder replace those of the scaffold."""
    if not folder.is_dir():
        expected = "a folder with api/"
        raise InputError(
            Problem("a project cannot be a single file", where=str(folder), expected=expected)
        )
    files = _files(folder)
    missing = [path for path in FILES if path not in files]
    if missing:
        return Proof.refuted(MADE_CHECK, f"missing: {', '.join(missing)}")
    return Projects(scaffold).case(wanted, files)


def application(
    folder: Path, entities: Mapping[str, Entity], scaffold: Mapping[str, str]
) -> list[Candidate]:
    """A case for every file that an application of these entities has."""
    if not folder.is_dir():
        expected = "a folder with app/ and tests/"
        raise InputError(Problem("an application cannot be a single file", where=str(folder),
                                 expected=expected))  # fmt: skip
    files = _files(folder)
    made = Application({**scaffold, **files}, dict(entities), files)
    return [
        (
            folder / kind.path_of(entity),
            entity.entity,
            made.case(name, entity)
            if kind.path_of(entity) in made.files
            else Proof.refuted(MADE_CHECK, "the file is missing"),
        )
        for entity in entities.values()
        for name, kind in KINDS.items()
    ]


def _files(folder: Path) -> dict[str, str]:
    """The Python files of an application and its list of packages, by path.

    Hidden folders, and those of virtual environments and caches, are left out.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") or part in _FOREIGN for part in parts[:-1]):
            continue
        is_own = path.suffix == ".py" or path.name == REQUIREMENTS
        if is_own and path.is_file() and not _is_environment(folder / parts[0]):
            files["/".join(parts)] = text_of(path)
    return files


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()


def text_of(file: Path) -> str:
    """The text of a file. Raises `InputError`."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(file))) from error


def texts_of(folder: Path) -> dict[str, str]:
    """The files of a folder by path, without hidden ones and caches."""
    return {
        path.relative_to(folder).as_posix(): text_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts
        )
    }
