"""`flagbench compare`: two series held against each other, and a gate with three answers."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from flagbench.analysis.comparison import comparison, gate, pairing, sources
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import Answer, Condition, Judgement
from flagbench.analysis.comparison.pairing import MUST_AGREE, Paired
from flagbench.analysis.comparison.sources import Side
from flagbench.analysis.statistics.intervals import LEVEL, RESAMPLES, SEED, About
from flagbench.analysis.statistics.rounding import round_floats
from flagbench.cli import comparison_tables
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.measurement import results as cells

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
@click.option("--combination", help="Of results that name none. [default: all]")
@click.option("--about", type=click.Choice([one.value for one in About]),
              help="What it is to hold for. [default: as much as can be told]")  # fmt: skip
@click.option("--fail-if", "conditions", multiple=True, metavar="CONDITION",
              help="Of B against A: 'tokens > +2%', 'acceptance < -3pp'; repeatable.")  # fmt: skip
@click.option("--declare", "declared", multiple=True, type=click.Choice(sorted(MUST_AGREE)),
              help="What may differ beside what is compared; repeatable.")  # fmt: skip
@click.option("--results", type=click.Path(path_type=Path), default=cells.LATEST,
              show_default=True, help="Where combinations are looked up.")  # fmt: skip
@click.option("--requests", "details", is_flag=True, help="Show every request too.")
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
    """Hold B against A, paired by scenario, trial and request.

    A and B are combinations of the latest run, results (a file, a folder, COMMIT or COMMIT:PATH),
    or RESULTS::COMBINATION. What differs in anything else (cassettes, requests, tokenizer, prices)
    is refused, unless it is declared.

    \b
    flagbench compare none all
    flagbench compare none templates --scenario student --fail-if 'acceptance < -3pp'
    flagbench compare before/ reports/latest --combination all --fail-if 'tokens > +2%'
    flagbench compare HEAD~1:results.jsonl::all all --declare cassette

    Exit codes: 0 PASS or no gate, 1 FAIL, 2 wrong usage or input, 3 INCONCLUSIVE.
    """
    gates = _parsed(conditions)
    left, right = (
        sources.find(text, results=results, combination=combination, scenarios=scenarios)
        for text in (a, b)
    )
    pairs = pairing.pair(left.cells, right.cells, declared)
    found = comparison.compare(pairs, About(about) if about else comparison.usual_scope(pairs))
    judgements = comparison.judge(found, gates)
    answer = gate.combine(judgements)
    if as_json:
        told = _document((left, right), pairs, found, judgements)
        click.echo(json.dumps(round_floats(told), indent=1, ensure_ascii=False, allow_nan=False))
    else:
        out = comparison_tables.console()
        comparison_tables.show((left.name, right.name), pairs, found, out, details=details)
        comparison_tables.show_gates(judgements, answer, out)
    raise SystemExit(_EXIT_CODES[answer])


def _parsed(texts: Sequence[str]) -> list[Condition]:
    found, wrong = [], []
    for text in texts:
        try:
            found.append(gate.parse(text))
        except ValueError as error:
            wrong.append(Problem(str(error), where="--fail-if"))
    if wrong:
        raise InputError(wrong)
    return found


def _document(
    named: tuple[Side, Side],
    pairs: Paired,
    found: Comparison,
    judgements: Sequence[Judgement],
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA,
        "a": named[0].name,
        "b": named[1].name,
        "level": LEVEL,
        "resamples": RESAMPLES,
        "seed": SEED,
        "left_out": pairs.left_out,
        "declared": pairs.declared,
        "recordings": [
            {"scenario": one.scenario, "trial": one.trial, "cassette": one.a.cassette}
            for one in pairs.pairs
        ],
        **asdict(found),
        "gates": [asdict(one) for one in judgements],
        "answer": gate.combine(judgements) if judgements else None,
    }
