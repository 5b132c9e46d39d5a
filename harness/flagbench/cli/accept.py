"""`flagbench accept`: the checks of a scenario on any file, alone."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from flagbench.acceptance.django.case import KIND as PROJECT
from flagbench.acceptance.kinds import KINDS
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import PROOFS_FOLDER, ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.cli import accept_cases
from flagbench.cli.accept_cases import Asked
from flagbench.errors import ExitCode

APPLICATION = "application"
_PIPED_WIDTH = 1000
# Whose scaffold stands around the files of a kind, unless told.
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
@click.option("--entity", "name", help="Which entity of the spec; else told by the file's name.")
@click.option(
    "--around", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the application to which the files belong: its other files stand around them.",
)  # fmt: skip
@click.option("--subject", "dotted", show_default=f"{_SUBJECT}, or {_SUBJECTS[PROJECT]}",
              help="The generator whose scaffold stands around the files.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--no-cache", is_flag=True, help="Prove everything anew, and keep nothing.")
@click.option("--require-isolation", is_flag=True, help="Refuse to run without every wall.")
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
    """Prove files by running them, as a scenario does with what was generated.

    The files run in a sandbox, and on a platform without one not at all. A routes file without
    --around runs on tables made from the spec; pages and tests need --around, since they use the
    routes.

    \b
    flagbench accept --kind fastapi-routes --spec student.yaml routes.py
    flagbench accept --kind application --spec scenarios/student.yaml my-app/
    flagbench accept --kind django-project --spec shop.json my-shop/

    Exit codes: 0 all accepted, 1 something refuted, 2 wrong usage or input, 3 could not run.
    """
    scaffold = accept_cases.scaffold_of(dotted or _SUBJECTS.get(kind, _SUBJECT))
    cases: list[Asked]
    if kind == PROJECT:
        erd = accept_cases.erd_of(spec)
        cases = [(one, erd.name, accept_cases.project(one, erd, scaffold)) for one in files]
    else:
        entities = accept_cases.entities_of(spec)
        if kind == APPLICATION:
            cases = [each for one in files for each in accept_cases.whole(one, entities, scaffold)]
        else:
            chosen = {one: accept_cases.chosen(one, entities, name, spec) for one in files}
            cases = [
                accept_cases.single(one, kind, chosen[one], entities, around, scaffold)
                for one in files
            ]
    console = Console(stderr=True)
    prover = Prover(
        ProofCache(None if no_cache else Path(PROOFS_FOLDER)),
        require_isolation=require_isolation,
        run_unsandboxed=run_unsandboxed,
    )
    try:
        watched = track(cases, "proving", console=console, transient=True, disable=as_json)
        proven = [
            (file, about, case if isinstance(case, Proof) else prover.prove(case))
            for file, about, case in watched
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
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH  # a pipe has no width that a path should be cut to
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("file", "entity", "verdict", "check", "figures"):
        drawn.add_column(column, overflow="fold")
    for file, about, proof in proven:
        verdict = Text("accepted", "green") if proof.accepted else Text("refuted", "bold red")
        figures = ", ".join(f"{name} {part}/{whole}" for name, (part, whole) in
                            proof.figures.items())  # fmt: skip
        drawn.add_row(str(file), about, verdict, proof.check, figures)
    console.print(drawn)
    for file, _, proof in proven:
        if not proof.accepted:
            console.print(Text(f"{file}: {proof.check}: {proof.message}"))
