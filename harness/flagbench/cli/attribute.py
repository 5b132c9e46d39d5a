"""`flagbench attribute`: what each flag does in a scenario, and the claims about it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from flagbench.analysis.attribution.design_matrix import arrange
from flagbench.analysis.attribution.effects import Attribution, attribute
from flagbench.analysis.claims import assessment, table
from flagbench.analysis.claims import claim as claims
from flagbench.analysis.claims.assessment import AssessedClaim
from flagbench.analysis.statistics.intervals import LEVEL
from flagbench.analysis.statistics.rounding import round_floats
from flagbench.cli import attribution_tables
from flagbench.cli import claims_table as claims_terminal
from flagbench.errors import InputError, Problem
from flagbench.measurement import results as cells
from flagbench.measurement.cell_result import CellResult

SCHEMA = 1


@click.command("attribute")
@click.argument("scenario", required=False)
@click.option("--results", type=click.Path(path_type=Path), default=cells.LATEST,
              show_default=True, help="A file or folder of results.")  # fmt: skip
@click.option("--claims", "claims_file", type=click.Path(path_type=Path), default=claims.PATH,
              show_default=True, help="The ledger of claims.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def attribute_(scenario: str | None, results: Path, claims_file: Path, as_json: bool) -> None:
    """Say what each flag does to tokens, seconds, dollars and acceptance.

    SCENARIO is the name of a scenario or its file; without one, every scenario is told whose runs
    can tell something. With all 2^k combinations there are main effects, interactions and Shapley
    values, which add up to all - none. With fewer, there is what they can tell, and what is mixed
    with what. Beside it stands what was claimed of each flag.

    \b
    flagbench attribute academic-session
    flagbench attribute --json

    Exit codes: 0 told, 2 wrong usage or input.
    """
    every = cells.load(results)
    name = Path(scenario).stem if scenario else None
    chosen = _by_scenario(every, name, results)
    found, left_out = _attributed(chosen)
    if not found:
        raise InputError(left_out)
    assessed = assessment.assess(every, scenario=name, path=claims_file)
    if as_json:
        click.echo(_document(found, left_out, assessed))
        return
    out = attribution_tables.console()
    for one in found:
        attribution_tables.show(one, out)
        out.print()
    for problem in left_out:
        out.print(f"not attributed: {problem.where}: {problem.what}", markup=False)
    claims_terminal.show(assessed, out)


def _by_scenario(
    every: Sequence[CellResult], name: str | None, results: Path
) -> list[list[CellResult]]:
    groups: dict[str, list[CellResult]] = {}
    for one in every:
        groups.setdefault(one.scenario, []).append(one)
    if name is None:
        return list(groups.values())
    if name not in groups:
        what, expected = f"there is no scenario {name!r}", ", ".join(sorted(groups))
        raise InputError(Problem(what, where=str(results), expected=expected))
    return [groups[name]]


def _attributed(
    chosen: Sequence[Sequence[CellResult]],
) -> tuple[list[Attribution], list[Problem]]:
    """The effects in each scenario, and why some have none to tell."""
    found: list[Attribution] = []
    left_out: list[Problem] = []
    for one in chosen:
        try:
            found.append(attribute(arrange(one)))
        except InputError as error:
            left_out += error.problems
    return found, left_out


def _document(
    found: Sequence[Attribution], left_out: Sequence[Problem], assessed: Sequence[AssessedClaim]
) -> str:
    document = {
        "schema_version": SCHEMA,
        "level": LEVEL,
        "scenarios": [asdict(one) for one in found],
        "not_attributed": {one.where: one.what for one in left_out},
        "claims": [
            {
                "claim": one.claim.model_dump(mode="json", by_alias=True),
                "source": one.title,
                "scenario": one.scenario,
                "finding": one.finding,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "trials": one.trials,
                "off": one.off,
                "reason": one.reason,
                "told": table.finding(one),
            }
            for one in assessed
        ],
    }
    return json.dumps(round_floats(document), indent=1, ensure_ascii=False, allow_nan=False)
