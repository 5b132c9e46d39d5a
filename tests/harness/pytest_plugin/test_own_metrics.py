"""Numbers of a subject's own, in each answer of a run and about its results."""

import json
from pathlib import Path

from bench import Bench
from click.testing import CliRunner

from flagbench.analysis.claims import assessment, table
from flagbench.cli.attribute import attribute_
from flagbench.cli.compare import compare
from flagbench.measurement import results

CLAIMS = """
sources: {paper: {title: Paper, about: Linting}}
claims:
  - {id: a, flag: short, source: paper, section: s, quote: fewer errors, low: 0.3, high: 0.5,
     measure: {kind: reduction, metric: lint_errors, from: none, to: short}, scenarios: [tiny]}
  - {id: b, flag: short, source: paper, section: s, quote: three, high: 4,
     measure: {kind: amount, metric: lint_errors, of: short}, scenarios: [tiny]}
"""


def run(bench: Bench, subject: str, *arguments: str) -> str:
    """Run with one of the subjects that report errors of a linter; the output."""
    path = bench.house.path / "scenarios" / "tiny.yaml"
    words = path.read_text().split("\n")
    place = next(n for n, line in enumerate(words) if line.startswith("subject:"))
    words[place] = f"subject: tiny_changes.{subject}"
    path.write_text("\n".join(words))
    return "\n".join(bench(*arguments).outlines)


def test_they_are_answered_everywhere(bench: Bench, tmp_path: Path) -> None:
    """In terminal, Markdown and page; in compare, its gate, attribute and claims."""
    line = "lint_errors (errors, lower is better): none 5, short 3 (-40.0%, better), "
    output = run(bench, "linted", "--flagbench-accept-baselines")
    assert line in output
    for report in ("report.md", "report.html"):
        assert line.partition(" (errors")[0] in (bench.latest / report).read_text(), report
    stored = str(bench.latest)
    runner = CliRunner()
    for condition, code in (("> +10%", 0), ("> -50%", 1), ("< -1", 1)):
        gate = ["none", "short", "--results", stored, "--about", "recordings"]
        gate += ["--fail-if", f"lint_errors {condition}"]
        done = runner.invoke(compare, gate)
        assert done.exit_code == code, done.output
        assert "Of the whole session, reported by the subject: lint_errors." in done.output
        (row,) = [line for line in done.output.splitlines() if line.startswith("lint_errors ")]
        assert row.split()[2:5] == ["5", "3", "-2"]
    refused = runner.invoke(compare, [*gate[:-1], "lint_errers > 1"])
    assert "lint_errers was not measured on both sides" in str(refused.exception)
    refused = runner.invoke(compare, [*gate[:-1], "token > 1"])
    assert "expected: tokens" in str(refused.exception)
    effects = runner.invoke(attribute_, ["tiny", "--results", stored])
    assert "lint_errors per session: none 5, all 3; all - none -2" in effects.output
    claims = tmp_path / "claims.yaml"
    claims.write_text(CLAIMS)
    assessed = assessment.assess(results.load(bench.latest), path=claims)
    measured = [(table.quantity(each.claim), table.measurement(each)) for each in assessed]
    assert [(name, text.split()[0]) for name, text in measured] == [
        ("lint_errors saved", "40.0"), ("lint_errors", "3"),
    ]  # fmt: skip


def test_a_change_is_the_cause(bench: Bench) -> None:
    """Not latencies, prices or proofs, which are the same; for better or worse."""
    run(bench, "linted", "--flagbench-accept-baselines")
    kept = json.loads((bench.house.path / "baselines" / "tiny.steps.json").read_text())
    assert [5.0, "errors"] in [row[2:4] for row in kept["rows"]["metrics"]]
    output = run(bench, "linted_worse", "-k", "none")
    assert "lint_errors" in output
    cause = (
        "because: the subject's lint_errors is another: 5 errors → 6 errors (worse), every trial"
    )
    assert cause in output
    assert "not known" not in output
