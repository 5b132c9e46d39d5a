"""`flagbench accept`: the checks of a scenario applied to single files or folders."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from flagbench.acceptance.django.case import KIND as PROJECT
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.probe_client import MissingTool
from flagbench.acceptance.kinds import CHECKS_OF, KINDS, TEXT_CHECKS, checks_of
from flagbench.acceptance.own_cases import OwnCase
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import PROOFS_FOLDER, ProofCache
from flagbench.acceptance.prover import MissingPackage, Prover, Undecided
from flagbench.acceptance.selection import ALL, Selection
from flagbench.cli import (
    accept_cases,
    accept_own,
    accept_results,
    accept_system,
    ini_lines,
    output,
)
from flagbench.cli.accept_cases import Candidate
from flagbench.cli.accept_results import FileResult
from flagbench.cli.accept_system import KIND as SYSTEM
from flagbench.cli.progress_bar import tracked
from flagbench.errors import CouldNotRun, ExitCode, InputError, Problem
from flagbench.plain_console import plain_console

APPLICATION = "application"
# Generator whose scaffold surrounds the files of a kind, unless --subject names another.
_SUBJECTS = {PROJECT: "django"}
_SUBJECT = "crud"
_BUILT_IN = (*KINDS, APPLICATION, PROJECT, SYSTEM)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--kind", metavar="KIND",
    help=f"What the files are: {', '.join(_BUILT_IN)} (the last three are folders), or a kind of "
    "the scenario's own checks, which may follow from the files' names.",
)  # fmt: skip
@click.option(
    "--spec", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML with the expected entity, a list of entities, or a scenario with `acceptance`; "
    "for a project its ERD in JSON, for a system its brief in YAML.",
)  # fmt: skip
@click.option(
    "--with", "definitions", multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML of a domain or a compliance set that the brief names; may be given several times.",
)  # fmt: skip
@click.option(
    "--entity", "name", help="Entity of the spec. [default: the one that the file is named after]"
)
@click.option(
    "--around", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the application that the files belong to; its other files are used as well, "
    "also in place of the scaffold's.",
)  # fmt: skip
@click.option("--subject", "dotted", show_default=f"{_SUBJECT}, or {_SUBJECTS[PROJECT]}",
              help="Generator whose scaffold surrounds the files.")  # fmt: skip
@click.option("--only", metavar="CHECKS", help="Judge by these checks alone, such as create,list.")
@click.option("--skip", metavar="CHECKS", help="Judge without these checks, such as flake8,black.")
@click.option("--json", "as_json", is_flag=True,
              help="Print JSON instead of a table, with the results of all checks.")  # fmt: skip
@click.option("--no-cache", is_flag=True, help="Prove everything again and store no proofs.")
@click.option(
    "--require-isolation", is_flag=True, help="Refuse to run if an isolation layer is missing."
)
@click.option("--run-unsandboxed", is_flag=True,
              help="Run the files on a platform that has no sandbox.")  # fmt: skip
def accept(
    files: Sequence[Path],
    kind: str | None,
    spec: Path,
    definitions: Sequence[Path],
    name: str | None,
    around: Path | None,
    dotted: str | None,
    only: str | None,
    skip: str | None,
    as_json: bool,
    no_cache: bool,
    require_isolation: bool,
    run_unsandboxed: bool,
) -> None:
    """Prove files by running them, as a scenario does with generated files.

    The files run in a sandbox; a platform without one needs --run-unsandboxed. A routes file
    without --around runs on tables made from the spec; pages and tests need --around, since they
    use the routes.

    The checks of a text are parses, flake8, black, duplicates and vocabulary; then come those of
    the kind. A wrong name of a check lists them all. With --json, each check of a refuted file
    runs alone, so that one failure does not hide the next.

    \b
    flagbench accept --kind fastapi-routes --spec student.yaml routes.py
    flagbench accept --kind application --spec scenarios/student.yaml my-app/
    flagbench accept --kind django-project --spec shop.json my-shop/
    flagbench accept --kind enterprise-system --spec brief.yaml my-backend/
    flagbench accept --spec scenarios/with-own-checks.yaml migration.sql
    flagbench accept --kind fastapi-routes --spec student.yaml --skip flake8,black routes.py

    Exit codes: 0 all accepted, 1 at least one refuted, 2 wrong usage or input, 3 could not run.
    """
    ini_lines.use_pythonpath(Path.cwd())
    own = accept_own.own_checks_of(spec)
    if own is None and kind not in _BUILT_IN:
        what = "--kind is missing" if kind is None else f"unknown kind {kind!r}"
        raise InputError(Problem(what, where="--kind", expected=", ".join(_BUILT_IN)))
    if own is not None and (only or skip):
        raise InputError(Problem("own checks are one for a kind", where="--only, --skip"))
    if definitions and kind != SYSTEM:
        what = "only a brief names domains and compliance sets"
        raise InputError(Problem(what, where="--with", expected=f"--kind {SYSTEM}"))
    selection = ALL if own or kind is None else _selection(kind, only, skip)
    cases = (
        list(accept_own.cases(files, own, kind, around))
        if own
        else _built_in(files, kind or "", spec, definitions, name, around, dotted)
    )
    console = plain_console(stderr=True)
    prover = Prover(
        ProofCache(None if no_cache else Path(PROOFS_FOLDER)),
        require_isolation=require_isolation,
        run_unsandboxed=run_unsandboxed,
    )
    try:
        with tracked(cases, "proving", len(cases), console, is_shown=not as_json) as candidates:
            results = [_result(each, prover, selection, each=as_json) for each in candidates]
        isolation = prover.isolation
    finally:
        prover.close()
    if isolation is not None and not isolation.is_full:
        output.say(f"warning: the sandbox lacks {', '.join(isolation.missing)}", err=True)
    if as_json:
        accept_results.print_json(results)
    else:
        accept_results.print_table(results)
    if accept_results.exit_code(results) != ExitCode.KEPT:
        raise SystemExit(accept_results.exit_code(results))


def _built_in(
    files: Sequence[Path],
    kind: str,
    spec: Path,
    definitions: Sequence[Path],
    name: str | None,
    around: Path | None,
    dotted: str | None,
) -> list[Candidate]:
    """The cases of files of a built-in kind. Raises `InputError`."""
    if kind == SYSTEM:
        brief = accept_system.brief_of(spec, definitions)
        return [case for folder in files for case in accept_system.cases(folder, brief)]
    scaffold = accept_cases.scaffold_of(dotted or _SUBJECTS.get(kind, _SUBJECT))
    if kind == PROJECT:
        erd = accept_cases.erd_of(spec)
        return [(file, erd.name, accept_cases.project(file, erd, scaffold)) for file in files]
    entities = accept_cases.entities_of(spec)
    if kind == APPLICATION:
        return [
            case
            for folder in files
            for case in accept_cases.application(folder, entities, scaffold)
        ]
    by_file = {file: accept_cases.entity_of(file, entities, name, spec) for file in files}
    return [
        accept_cases.single(file, kind, by_file[file], entities, around, scaffold) for file in files
    ]


def _result(
    candidate: Candidate, prover: Prover, selection: Selection, *, each: bool
) -> FileResult:
    """Prove a candidate; with `each`, one that is not accepted by each of its checks as well."""
    file, about, case = candidate
    if isinstance(case, Proof):
        return FileResult(file, about, case)
    proof: Proof | CouldNotRun
    try:
        proof = prover.prove(case, selection)
    except (MissingPackage, MissingTool, Undecided) as error:
        proof = error
    if isinstance(case, OwnCase):
        return FileResult(file, about, proof, {case.check.name: proof} if each else {})
    if isinstance(proof, Proof) and proof.accepted:
        checks = selection.of(checks_of(case))
        return FileResult(file, about, proof, dict.fromkeys(checks, Proof()))
    return FileResult(file, about, proof, prover.prove_each(case, selection) if each else {})


def _selection(kind: str, only: str | None, skip: str | None) -> Selection:
    """Selection of the checks of a kind by the options. Raises `InputError`."""
    if only is None and skip is None:
        return ALL
    kinds = {APPLICATION: [*KINDS], SYSTEM: [*COMPONENTS]}.get(kind, [kind])
    known = [*TEXT_CHECKS, *(check for name in kinds for check in CHECKS_OF[name])]
    names = set(known) if only is None else _named("--only", only, known)
    names -= set() if skip is None else _named("--skip", skip, known)
    if not names:
        raise InputError(Problem("no check is left", where="--skip", expected="fewer checks"))
    return Selection(frozenset(names))


def _named(option: str, value: str, known: Sequence[str]) -> set[str]:
    names = {name.strip() for name in value.split(",")}
    for name in sorted(names - set(known)):
        expected = ", ".join(get_close_matches(name, known, n=1) or dict.fromkeys(known))
        raise InputError(Problem(f"unknown check {name!r}", where=option, expected=expected))
    return names
