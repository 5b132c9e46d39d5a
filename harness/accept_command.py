"""`flagbench accept`: the checks of a scenario on any file, alone."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from harness import subject, yaml_lines
from harness.acceptance import ddl
from harness.acceptance.cases import Application
from harness.acceptance.expected import Entity, closure
from harness.acceptance.kinds import KINDS, ROUTES_PATH, SCHEMA_PATH
from harness.acceptance.proof import Case, Proof
from harness.acceptance.proofs import PROOFS_FOLDER, Proofs
from harness.acceptance.prover import Prover
from harness.errors import ExitCode, InputError, Problem

APPLICATION = "application"
_PIPED_WIDTH = 1000
_ENTITIES: TypeAdapter[list[Entity]] = TypeAdapter(list[Entity])


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--kind", required=True, type=click.Choice([*KINDS, APPLICATION]),
    help="What the files are; with 'application', folders with app/ and tests/ in them.",
)  # fmt: skip
@click.option(
    "--spec", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML with the expected entity, a list of entities, or a scenario with `acceptance`.",
)  # fmt: skip
@click.option("--entity", "name", help="Which entity of the spec; else told by the file's name.")
@click.option(
    "--around", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the application to which the files belong: its other files stand around them.",
)  # fmt: skip
@click.option("--subject", "dotted", default="generator.crud", show_default=True,
              help="The generator whose scaffold stands around the files.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--no-cache", is_flag=True, help="Prove everything anew, and keep nothing.")
@click.option("--require-isolation", is_flag=True, help="Refuse to run without every wall.")
def accept(
    files: Sequence[Path],
    kind: str,
    spec: Path,
    name: str | None,
    around: Path | None,
    dotted: str,
    as_json: bool,
    no_cache: bool,
    require_isolation: bool,
) -> None:
    """Prove files by running them, as a scenario does with what was generated.

    The files run in a sandbox. A routes file without --around runs on tables made from the spec;
    pages and tests need --around, since they use the routes.

    \b
    flagbench accept --kind fastapi-routes --spec student.yaml routes.py
    flagbench accept --kind application --spec scenarios/student.yaml my-app/

    Exit codes: 0 all accepted, 1 something refuted, 2 wrong usage or input, 3 could not run.
    """
    entities = _entities(spec)
    scaffold = _scaffold(dotted)
    if kind == APPLICATION:
        cases = [one for folder in files for one in _whole(folder, entities, scaffold)]
    else:
        cases = [
            (file, _single(file, kind, _chosen(file, entities, name, spec), entities,
                           around, scaffold))
            for file in files
        ]  # fmt: skip
    console = Console(stderr=True)
    prover = Prover(
        Proofs(None if no_cache else Path(PROOFS_FOLDER)), require_isolation=require_isolation
    )
    try:
        watched = track(cases, "proving", console=console, transient=True, disable=as_json)
        proven = [
            (file, case, prover.prove(case) if case else Proof.refuted("made", "there is no file"))
            for file, case in watched
        ]
        isolation = prover.isolation
    finally:
        prover.close()
    if isolation is not None and not isolation.is_full:
        click.echo(f"warning: the sandbox lacks {', '.join(isolation.missing)}", err=True)
    if as_json:
        click.echo(json.dumps([_row(*one) for one in proven], indent=1, ensure_ascii=False))
    else:
        _show(proven)
    if not all(proof.accepted for _, _, proof in proven):
        raise SystemExit(ExitCode.BROKEN)


Proven = tuple[Path, Case | None, Proof]


def _row(file: Path, case: Case | None, proof: Proof) -> dict[str, Any]:
    return {
        "file": str(file),
        "entity": case.entity.entity if case else None,
        "accepted": proof.accepted,
        "check": proof.check,
        "message": proof.message,
        "figures": {name: list(pair) for name, pair in proof.figures.items()},
    }


def _show(proven: Sequence[Proven]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH  # a pipe has no width that a path should be cut to
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("file", "entity", "verdict", "check", "figures"):
        drawn.add_column(column, overflow="fold")
    for file, case, proof in proven:
        verdict = Text("accepted", "green") if proof.accepted else Text("refuted", "bold red")
        figures = ", ".join(f"{name} {part}/{whole}" for name, (part, whole) in
                            proof.figures.items())  # fmt: skip
        entity = case.entity.entity if case else ""
        drawn.add_row(str(file), entity, verdict, proof.check, figures)
    console.print(drawn)
    for file, _, proof in proven:
        if not proof.accepted:
            console.print(Text(f"{file}: {proof.check}: {proof.message}"))


def _entities(spec: Path) -> dict[str, Entity]:
    """The entities of a spec by name; of a scenario, as its last request leaves them."""
    document, lines = yaml_lines.read(spec)
    if isinstance(document, dict) and "acceptance" in document:
        document = document["acceptance"]
    listed = document if isinstance(document, list) else [document]
    try:
        entities = {one.entity: one for one in _ENTITIES.validate_python(listed)}
        for one in entities.values():
            closure(one, entities)
    except ValidationError as error:
        raise InputError(
            Problem(
                f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}",
                where=f"{spec}:{yaml_lines.line_of(lines, _place(document, one['loc']))}",
            )
            for one in error.errors()
        ) from error
    except ValueError as error:
        raise InputError(Problem(str(error), where=str(spec))) from error
    return entities


def _place(document: Any, place: Sequence[str | int]) -> tuple[str | int, ...]:
    return tuple(place) if isinstance(document, list) else tuple(place[1:])


def _scaffold(dotted: str) -> Mapping[str, str]:
    try:
        return subject.scaffold_of(subject.load(dotted))
    except ValueError as error:
        raise InputError(Problem(str(error), where="--subject")) from error


def _chosen(file: Path, entities: Mapping[str, Entity], name: str | None, spec: Path) -> Entity:
    if name is not None:
        if name not in entities:
            what = f"{spec} has no entity {name!r}"
            raise InputError(Problem(what, where="--entity", right=", ".join(entities)))
        return entities[name]
    if len(entities) == 1:
        return next(iter(entities.values()))
    stem = file.stem.removeprefix("test_")
    for one in entities.values():
        if one.module == stem:
            return one
    what = f"which entity of {spec} it is for is not told by its name"
    raise InputError(Problem(what, where=str(file), right=f"--entity {'|'.join(entities)}"))


def _single(
    file: Path,
    kind: str,
    entity: Entity,
    entities: Mapping[str, Entity],
    around: Path | None,
    scaffold: Mapping[str, str],
) -> Case:
    """The case of one file: tables from the spec where no schemas are around."""
    files = _files(around) if around else {}
    for one in entities.values():
        related = closure(one, entities)
        files.setdefault(SCHEMA_PATH.format(module=one.module), ddl.module(one, related))
    routes = ROUTES_PATH.format(module=entity.module)
    if ROUTES_PATH in KINDS[kind].needs and routes not in files:
        right = f"--around FOLDER, with {routes} in it"
        raise InputError(Problem(f"a {kind} file needs routes", where=str(file), right=right))
    files[KINDS[kind].path_of(entity)] = _text(file)
    return Application(scaffold, dict(entities), files).case(kind, entity)


def _whole(
    folder: Path, entities: Mapping[str, Entity], scaffold: Mapping[str, str]
) -> list[tuple[Path, Case | None]]:
    """A case for every file that an application of these entities has."""
    if not folder.is_dir():
        right = "a folder with app/ and tests/ in it"
        raise InputError(Problem("an application is no single file", where=str(folder),
                                 right=right))  # fmt: skip
    application = Application(scaffold, dict(entities), _files(folder))
    return [
        (
            folder / kind.path_of(entity),
            application.case(name, entity) if kind.path_of(entity) in application.files else None,
        )
        for entity in entities.values()
        for name, kind in KINDS.items()
    ]


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): _text(path)
        for path in sorted(folder.rglob("*.py"))
        if path.relative_to(folder).parts[0] in ("app", "tests")
    }


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(file))) from error
