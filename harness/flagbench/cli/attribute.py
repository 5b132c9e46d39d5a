"""`flagbench attribute`: effects of each flag in a scenario, and the claims about it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from flagbench.analysis.attribution.design_matrix import arrange
from flagbench.analysis.attribution.effects import Attribution, attribute
from flagbench.analysis.claims import assessment, table
from flagbench.analysis.claims import claim as claims
from flagbench.analysis.claims.assessment import AssessedClaim
from flagbench.analysis.comparison import pairing
from flagbench.analysis.statistics.intervals import LEVEL
from flagbench.analysis.statistics.rounding import round_floats
from flagbench.cli import attribution_tables, output
from flagbench.cli import claims_table as claims_terminal
from flagbench.cli.table_console import table_console
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
    """Attribute tokens, seconds, dollars and acceptance to flags.

    SCENARIO is the name of a scenario or its file; without one, every scenario with enough runs
    is shown. All 2^k combinations give main effects, interactions and Shapley values, which add
    up to all - none. Fewer give the effects that can be estimated, each with its aliases. The
    claims about each flag follow, with their findings.

    \b
    flagbench attribute academic-session
    flagbench attribute --json

    Exit codes: 0 shown, 2 wrong usage or input.
    """
    every = cells.load(results)
    name = Path(scenario).stem if scenario else None
    chosen = _by_scenario(every, name, results)
    attributions, left_out = _attribute_each(chosen)
    if not attributions:
        raise InputError(left_out)
    assessed = assessment.assess(every, scenario=name, path=claims_file)
    if as_json:
        output.say_json(_document(attributions, left_out, assessed))
        return
    out = table_console()
    for attribution in attributions:
        attribution_tables.show(attribution, out)
        if all(effects.metric != "seconds" for effects in attribution.metrics):
            out.print(f"seconds: {pairing.why_unknown('seconds')}")
        out.print()
    for problem in left_out:
        out.print(f"not attributed: {problem.where}: {problem.what}")
    claims_terminal.show(assessed, out)


def _by_scenario(
    every: Sequence[CellResult], name: str | None, results: Path
) -> list[list[CellResult]]:
    groups: dict[str, list[CellResult]] = {}
    for cell in every:
        groups.setdefault(cell.scenario, []).append(cell)
    if name is None:
        return list(groups.values())
    if name not in groups:
        what, expected = f"the results have no scenario {name!r}", ", ".join(sorted(groups))
        raise InputError(Problem(what, where=str(results), expected=expected))
    return [groups[name]]


def _attribute_each(
    chosen: Sequence[Sequence[CellResult]],
) -> tuple[list[Attribution], list[Problem]]:
    """The effects in each scenario, and the problems of scenarios without."""
    attributions: list[Attribution] = []
    left_out: list[Problem] = []
    for group in chosen:
        try:
            attributions.append(attribute(arrange(group)))
        except InputError as error:
            left_out += error.problems
    return attributions, left_out


def _document(
    attributions: Sequence[Attribution],
    left_out: Sequence[Problem],
    assessed: Sequence[AssessedClaim],
) -> Any:
    document = {
        "schema_version": SCHEMA,
        "level": LEVEL,
        "scenarios": [asdict(attribution) for attribution in attributions],
        "not_attributed": {problem.where: problem.what for problem in left_out},
        "claims": [
            {
                "claim": assessed_claim.claim.model_dump(mode="json", by_alias=True),
                "source": assessed_claim.title,
                "scenario": assessed_claim.scenario,
                "finding": assessed_claim.finding,
                "value": assessed_claim.value,
                "low": assessed_claim.low,
                "high": assessed_claim.high,
                "trials": assessed_claim.trials,
                "off": assessed_claim.off,
                "reason": assessed_claim.reason,
                "told": table.finding(assessed_claim),
            }
            for assessed_claim in assessed
        ],
    }
    return round_floats(document)
