"""What `flagbench accept` is asked to prove: files and folders, with what is expected of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from flagbench import subject, yaml_lines
from flagbench.acceptance.artifact_proofs import MADE_CHECK
from flagbench.acceptance.cases import Application
from flagbench.acceptance.crud import ddl
from flagbench.acceptance.django.case import FOLDER, Projects
from flagbench.acceptance.django.rest_api import FILES
from flagbench.acceptance.kinds import KINDS, ROUTES_PATH, SCHEMA_PATH
from flagbench.acceptance.proof import Proof, Provable
from flagbench.errors import InputError, Place, Problem, problems_of
from flagbench.scenario.erd import Erd, read
from flagbench.scenario.specification import Entity, Relation, Rule, closure

_ENTITIES: TypeAdapter[list[Entity]] = TypeAdapter(list[Entity])

Asked = tuple[Path, str, Provable | Proof]
"""A file or folder, the entity or ERD that it is of, and its case; a proof if it is not there."""


def entities_of(spec: Path) -> dict[str, Entity]:
    """The entities of a spec by name; of a scenario, as its last request leaves them."""
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
                models=(Entity, Relation, Rule),
            )
        ) from error
    except ValueError as error:
        raise InputError(Problem(str(error), where=str(spec))) from error
    return entities


def scaffold_of(dotted: str) -> Mapping[str, str]:
    """The files around what a subject generates. Raises `InputError`."""
    try:
        return subject.scaffold_of(subject.load(dotted))
    except ValueError as error:
        raise InputError(Problem(str(error), where="--subject")) from error


def chosen(file: Path, entities: Mapping[str, Entity], name: str | None, spec: Path) -> Entity:
    """The entity that a file is of, by its name or as told. Raises `InputError`."""
    if name is not None:
        if name not in entities:
            what = f"{spec} has no entity {name!r}"
            raise InputError(Problem(what, where="--entity", expected=", ".join(entities)))
        return entities[name]
    if len(entities) == 1:
        return next(iter(entities.values()))
    stem = file.stem.removeprefix("test_")
    for one in entities.values():
        if one.module == stem:
            return one
    what = f"which entity of {spec} it is for is not told by its name"
    raise InputError(Problem(what, where=str(file), expected=f"--entity {'|'.join(entities)}"))


def single(
    file: Path,
    kind: str,
    entity: Entity,
    entities: Mapping[str, Entity],
    around: Path | None,
    scaffold: Mapping[str, str],
) -> Asked:
    """The case of one file: tables from the spec where no schemas are around."""
    files = _files(around) if around else {}
    for one in entities.values():
        related = closure(one, entities)
        files.setdefault(SCHEMA_PATH.format(module=one.module), ddl.module(one, related))
    routes = ROUTES_PATH.format(module=entity.module)
    if ROUTES_PATH in KINDS[kind].needs and routes not in files:
        expected = f"--around FOLDER, with {routes} in it"
        raise InputError(Problem(f"a {kind} file needs routes", where=str(file), expected=expected))
    files[KINDS[kind].path_of(entity)] = _text(file)
    return file, entity.entity, Application(scaffold, dict(entities), files).case(kind, entity)


def erd_of(spec: Path) -> Erd:
    """The ERD of a file in JSON. Raises `InputError`."""
    try:
        return read(_text(spec))
    except ValidationError as error:
        raise InputError(problems_of(error, str(spec))) from error
    except ValueError as error:
        raise InputError(Problem(f"is no JSON: {error}", where=str(spec))) from error


def project(folder: Path, wanted: Erd, scaffold: Mapping[str, str]) -> Provable | Proof:
    """The case of a project; settings and the like are those of the folder, where it has such."""
    if not folder.is_dir():
        expected = "a folder with api/ in it"
        raise InputError(
            Problem("a project is no single file", where=str(folder), expected=expected)
        )
    files = _files(folder, (FOLDER, "config", "manage.py"))
    missing = [path for path in FILES if path not in files]
    if missing:
        return Proof.refuted(MADE_CHECK, f"there is no {', '.join(missing)}")
    return Projects(scaffold).case(wanted, files)


def whole(folder: Path, entities: Mapping[str, Entity], scaffold: Mapping[str, str]) -> list[Asked]:
    """A case for every file that an application of these entities has."""
    if not folder.is_dir():
        expected = "a folder with app/ and tests/ in it"
        raise InputError(Problem("an application is no single file", where=str(folder),
                                 expected=expected))  # fmt: skip
    application = Application(scaffold, dict(entities), _files(folder))
    return [
        (
            folder / kind.path_of(entity),
            entity.entity,
            application.case(name, entity)
            if kind.path_of(entity) in application.files
            else Proof.refuted(MADE_CHECK, "there is no file"),
        )
        for entity in entities.values()
        for name, kind in KINDS.items()
    ]


def _files(folder: Path, parts: Sequence[str] = ("app", "tests")) -> dict[str, str]:
    """The Python files of a folder, those below its other parts left out."""
    return {
        path.relative_to(folder).as_posix(): _text(path)
        for part in parts
        for path in sorted(
            [folder / part] if part.endswith(".py") else (folder / part).rglob("*.py")
        )
        if path.is_file()
    }


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(file))) from error
