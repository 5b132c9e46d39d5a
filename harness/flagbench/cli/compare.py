"""`flagbench compare`: paired comparison of two series, and a gate with three answers."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from flagbench.analysis.comparison import comparison, gate, judging, pairing, sources, splitting
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import Answer, Condition, Judgement
from flagbench.analysis.comparison.pairing import MUST_AGREE, Paired
from flagbench.analysis.comparison.sources import Side
from flagbench.analysis.statistics.intervals import LEVEL, RESAMPLES, SEED, About
from flagbench.analysis.statistics.rounding import round_floats
from flagbench.cli import comparison_tables, declared_gates, output
from flagbench.cli.table_console import table_console
from flagbench.errors import ExitCode, InputError, problem_in
from flagbench.measurement import results as cells
from flagbench.report import split_text

SCHEMA = 1
_EXIT_CODES = {
    Answer.PASS: ExitCode.KEPT,
    Answer.FAIL: ExitCode.BROKEN,
    Answer.INCONCLUSIVE: ExitCode.COULD_NOT_RUN,
}


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--scenario", "scenarios", multiple=True, help="Only this one; repeatable.")
@click.option("--combination", help="Combination of results that name none. [default: all]")
@click.option("--about", type=click.Choice([scope.value for scope in About]),
              help="What to generalise to. [default: the widest scope possible]")  # fmt: skip
@click.option("--fail-if", "conditions", multiple=True, metavar="CONDITION",
              help="Of B against A: 'tokens > +2%', 'acceptance < -3pp'; repeatable.")  # fmt: skip
@click.option("--declare", "declared", multiple=True, type=click.Choice(sorted(MUST_AGREE)),
              help="What else may differ; repeatable.")  # fmt: skip
@click.option("--results", type=click.Path(path_type=Path), default=cells.LATEST,
              show_default=True, help="Where combinations are looked up.")  # fmt: skip
@click.option("--requests", "details", is_flag=True, help="Show every request as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def compare(
    a: str,
    b: str,
    scenarios: Sequence[str],
    combination: str | None,
    about: str | None,
    conditions: Sequence[str],
    declared: Sequence[str],
    results: Path,
    details: bool,
    as_json: bool,
) -> None:
    """Compare B with A, paired by scenario, trial and request.

    A and B are combinations of the latest run, results (a file, a folder, COMMIT or COMMIT:PATH),
    or RESULTS::COMBINATION. Series that differ in anything else (cassettes, requests,
    tokenizer, prices) are refused, unless that is declared.

    \b
    flagbench compare none all
    flagbench compare none templates --scenario student --fail-if 'acceptance < -3pp'
    flagbench compare before/ reports/latest --combination all --fail-if 'tokens > +2%'
    flagbench compare HEAD~1:results.jsonl::all all --declare cassette

    Without --fail-if, the gates are those of `flagbench_gates` in pytest's configuration.

    Exit codes: 0 PASS or no gate, 1 FAIL, 2 wrong usage or input, 3 INCONCLUSIVE.
    """
    gates = _parse_conditions(*declared_gates.conditions(conditions))
    left, right = (
        sources.find(text, results=results, combination=combination, scenarios=scenarios)
        for text in (a, b)
    )
    pairs = pairing.pair(left.cells, right.cells, declared)
    compared = comparison.compare(pairs, About(about) if about else comparison.usual_scope(pairs))
    judgements = judging.judge(compared, gates)
    answer = gate.combine(judgements)
    if as_json:
        document = round_floats(_document((left, right), pairs, compared, judgements))
        output.say_json(document)
    else:
        out = table_console()
        comparison_tables.show((left.name, right.name), pairs, compared, out, details=details)
        comparison_tables.show_gates(judgements, answer, out)
    raise SystemExit(_EXIT_CODES[answer])


def _parse_conditions(texts: Sequence[str], where: str) -> list[Condition]:
    parsed, problems = [], []
    for text in texts:
        try:
            parsed.append(gate.parse(text))
        except ValueError as error:
            problems.append(problem_in(str(error), where))
    if problems:
        raise InputError(problems)
    return parsed


def _document(
    sides: tuple[Side, Side],
    pairs: Paired,
    compared: Comparison,
    judgements: Sequence[Judgement],
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA,
        "a": sides[0].name,
        "b": sides[1].name,
        "level": LEVEL,
        "resamples": RESAMPLES,
        "seed": SEED,
        "left_out": pairs.left_out,
        "declared": pairs.declared,
        "recordings": [
            {"scenario": pair.scenario, "trial": pair.trial, "cassette": pair.a.cassette}
            for pair in pairs.pairs
        ],
        "about": compared.about,
        "scenarios": compared.scenarios,
        "cells": compared.cells,
        "requests": compared.requests,
        "metrics": [asdict(result) for result in compared.metrics],
        "absent": compared.absent,
        "split": [split_text.document(part) for part in splitting.split(pairs)],
        "gates": [asdict(judgement) for judgement in judgements],
        "answer": gate.combine(judgements) if judgements else None,
    }
