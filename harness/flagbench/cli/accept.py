"""`flagbench accept`: the checks of a scenario applied to single files or folders."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import track
from rich.table import Table
from rich.text import Text

from flagbench.acceptance.django.case import KIND as PROJECT
from flagbench.acceptance.kinds import KINDS
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import PROOFS_FOLDER, ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.cli import accept_cases
from flagbench.cli.accept_cases import Candidate
from flagbench.errors import ExitCode
from flagbench.plain_console import plain_console
from flagbench.printable import printable

APPLICATION = "application"
_PIPED_WIDTH = 1000
# Generator whose scaffold surrounds the files of a kind, unless --subject names another.
_SUBJECTS = {PROJECT: "django"}
_SUBJECT = "crud"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--kind", required=True, type=click.Choice([*KINDS, APPLICATION, PROJECT]),
    help="What the files are; with 'application' and 'django-project', folders of such.",
)  # fmt: skip
@click.option(
    "--spec", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML with the expected entity, a list of entities, or a scenario with `acceptance`; "
    "for a project its ERD in JSON.",
)  # fmt: skip
@click.option(
    "--entity", "name", help="Entity of the spec. [default: the one that the file is named after]"
)
@click.option(
    "--around", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the application that the files belong to; its other files are used as well.",
)  # fmt: skip
@click.option("--subject", "dotted", show_default=f"{_SUBJECT}, or {_SUBJECTS[PROJECT]}",
              help="Generator whose scaffold surrounds the files.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--no-cache", is_flag=True, help="Prove everything again and store no proofs.")
@click.option(
    "--require-isolation", is_flag=True, help="Refuse to run if an isolation layer is missing."
)
@click.option("--run-unsandboxed", is_flag=True,
              help="Run the files on a platform that has no sandbox.")  # fmt: skip
def accept(
    files: Sequence[Path],
    kind: str,
    spec: Path,
    name: str | None,
    around: Path | None,
    dotted: str | None,
    as_json: bool,
    no_cache: bool,
    require_isolation: bool,
    run_unsandboxed: bool,
) -> None:
    """Prove files by running them, as a scenario does with generated files.

    The files run in a sandbox; a platform without one needs --run-unsandboxed. A routes file
    without --around runs on tables made from the spec; pages and tests need --around, since they
    use the routes.

    \b
    flagbench accept --kind fastapi-routes --spec student.yaml routes.py
    flagbench accept --kind application --spec scenarios/student.yaml my-app/
    flagbench accept --kind django-project --spec shop.json my-shop/

    Exit codes: 0 all accepted, 1 at least one refuted, 2 wrong usage or input, 3 could not run.
    """
    scaffold = accept_cases.scaffold_of(dotted or _SUBJECTS.get(kind, _SUBJECT))
    cases: list[Candidate]
    if kind == PROJECT:
        erd = accept_cases.erd_of(spec)
        cases = [(file, erd.name, accept_cases.project(file, erd, scaffold)) for file in files]
    else:
        entities = accept_cases.entities_of(spec)
        if kind == APPLICATION:
            cases = [
                case
                for folder in files
                for case in accept_cases.application(folder, entities, scaffold)
            ]
        else:
            by_file = {file: accept_cases.entity_of(file, entities, name, spec) for file in files}
            cases = [
                accept_cases.single(file, kind, by_file[file], entities, around, scaffold)
                for file in files
            ]
    console = plain_console(stderr=True)
    prover = Prover(
        ProofCache(None if no_cache else Path(PROOFS_FOLDER)),
        require_isolation=require_isolation,
        run_unsandboxed=run_unsandboxed,
    )
    try:
        progress = track(cases, "proving", console=console, transient=True, disable=as_json)
        proven = [
            (file, about, case if isinstance(case, Proof) else prover.prove(case))
            for file, about, case in progress
        ]
        isolation = prover.isolation
    finally:
        prover.close()
    if isolation is not None and not isolation.is_full:
        click.echo(f"warning: the sandbox lacks {', '.join(isolation.missing)}", err=True)
    if as_json:
        click.echo(json.dumps([_row(*result) for result in proven], indent=1))
    else:
        _show(proven)
    if not all(proof.accepted for _, _, proof in proven):
        raise SystemExit(ExitCode.BROKEN)


Proven = tuple[Path, str, Proof]


def _row(file: Path, about: str, proof: Proof) -> dict[str, Any]:
    return {
        "file": str(file),
        "entity": about,
        "accepted": proof.accepted,
        "check": proof.check,
        "message": proof.message,
        "figures": {name: list(pair) for name, pair in proof.figures.items()},
    }


def _show(proven: Sequence[Proven]) -> None:
    console = plain_console(piped_width=_PIPED_WIDTH)  # paths in a pipe are not cut to a width
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("file", "entity", "verdict", "check", "figures"):
        table.add_column(column, overflow="fold")
    for file, about, proof in proven:
        verdict = Text("accepted", "green") if proof.accepted else Text("refuted", "bold red")
        figures = ", ".join(f"{name} {part}/{whole}" for name, (part, whole) in
                            proof.figures.items())  # fmt: skip
        table.add_row(printable(str(file)), about, verdict, proof.check, figures)
    console.print(table)
    for file, _, proof in proven:
        if not proof.accepted:
            console.print(printable(f"{file}: {proof.check}: {proof.message}"))
