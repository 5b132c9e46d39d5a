"""`flagbench what-if`: counterfactuals in tables, and sweeps of a setting over values."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from flagbench.cli import folder_options, ini_lines, output
from flagbench.cli.progress_bar import tracked
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.plain_console import plain_console
from flagbench.report.terminal import TABLE_WIDTH
from flagbench.run import counterfactual
from flagbench.run.options import Options
from flagbench.scenario import designs
from flagbench.scenario import loading as scenarios
from flagbench.scenario.loading import Scenario
from flagbench.series import what_if
from flagbench.series.what_if import WhatIfResult
from flagbench.shown_numbers import number

_BAR_WIDTH = 30
_LANDMARKS = ("none", "default", "all")
Told = tuple[str, list[WhatIfResult]]
"""Conditions as they were given, and the results of the series under them."""


@click.command("what-if")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help=f"Settings: {', '.join(counterfactual.SETTINGS)}; repeatable.")  # fmt: skip
@click.option("--sweep", metavar="NAME=A,B,C", help="One setting over several values, as a curve.")
@click.option("--combination", "combinations", multiple=True,
              help="Series to replay; repeatable. [default: none, default and all, or "
                   "those that the scenario has]")  # fmt: skip
@folder_options.cassettes
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def what_if_(
    path: Path,
    settings: Sequence[str],
    sweep: str | None,
    combinations: Sequence[str],
    cassettes: Path,
    as_json: bool,
) -> None:
    """Replay a scenario under other conditions, without recording again.

    The answers are the recorded ones; their speed, rate limit and price are those of the
    settings. A result is a counterfactual, not a measurement.

    \b
    flagbench what-if scenarios/student.yaml --set provider.speed=2
    flagbench what-if scenarios/student.yaml --set provider.tokens_per_second=100 \\
        --set rate_limit.rpm=60
    flagbench what-if scenarios/student.yaml --sweep client.parallelism=1,2,4
    """
    ini_lines.use_pythonpath(Path.cwd())
    scenario = scenarios.load(path)
    options = Options(
        cassettes=cassettes, baselines=Path("baselines"), reports=Path("reports"),
        combinations=tuple(combinations or _landmarks(scenario)),
    )  # fmt: skip
    chosen = options.applied_to(scenario)
    conditions = _conditions(settings, sweep)
    bar = tracked(conditions, "replaying", len(conditions), plain_console(stderr=True),
                  is_shown=not as_json)  # fmt: skip
    with redirect_stdout(sys.stderr), bar as shown:  # the answer is ours alone, also as JSON
        results = [
            (
                name,
                what_if.compute(chosen, chosen.combinations, options, counterfactual.parse(told)),
            )
            for name, told in shown
        ]
    if as_json:
        document = [{"conditions": name, **asdict(row)} for name, rows in results for row in rows]
        output.say_json(document)
    else:
        _show(chosen, results, sweep)
    if any(row.reason for _, rows in results for row in rows):
        raise SystemExit(ExitCode.COULD_NOT_RUN)


def _landmarks(scenario: Scenario) -> list[str]:
    """`none`, `default` and `all`; all series of a scenario that has fewer than two of them."""
    known = [designs.parse(name, scenario.factors) for name in _LANDMARKS]
    own = [series for series in designs.unique(known) if series in scenario.combinations]
    return [series.id for series in (own if len(own) > 1 else scenario.combinations)]


def _conditions(settings: Sequence[str], sweep: str | None) -> list[tuple[str, list[str]]]:
    """Name and settings of all conditions; all are checked before the first is run."""
    if sweep is None:
        if not settings:
            raise InputError(
                Problem("no setting is changed", expected="--set NAME=VALUE or --sweep")
            )
        conditions = [(", ".join(settings), list(settings))]
    else:
        name, given, values = sweep.partition("=")
        if not given or not values:
            raise InputError(Problem(f"--sweep {sweep}", expected="--sweep NAME=A,B,C"))
        conditions = [
            (f"{name}={value}", [*settings, f"{name}={value}"]) for value in values.split(",")
        ]
    for _, pairs in conditions:
        counterfactual.parse(pairs)
    return conditions


def _show(scenario: Scenario, results: Sequence[Told], sweep: str | None) -> None:
    console = plain_console(width=TABLE_WIDTH)
    console.print(f"{scenario.name}: a counterfactual, not a measurement", style="bold")
    longest = max((row.seconds or 0.0 for _, rows in results for row in rows), default=0.0)
    for name, rows in results:
        console.print(f"\n{name}")
        console.print(_table(rows, longest if sweep else None))
        for row in rows:
            if row.reason:
                console.print(
                    f"{row.combination} cannot be computed under these conditions: {row.reason}"
                )


def _table(rows: Sequence[WhatIfResult], longest: float | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    columns = ["series", "seconds recorded", "here", "Δ", "Δ to none here", "tokens", "US$",
               "refused"]  # fmt: skip
    for column in columns:
        is_series = column == "series"
        table.add_column(
            column, justify="left" if is_series else "right", no_wrap=not is_series, overflow="fold"
        )
    if longest is not None:
        table.add_column("")
    control = next((row for row in rows if row.combination == "none" and not row.reason), None)
    for row in rows:
        if row.reason:
            table.add_row(row.combination, number(row.recorded_seconds, ",.1f"), "n/a")
            continue
        share = (row.seconds or 0.0) / longest if longest else 0.0
        table.add_row(
            row.combination,
            number(row.recorded_seconds, ",.1f"),
            number(row.seconds, ",.1f"),
            _change(row.seconds, row.recorded_seconds),
            _change(row.seconds, control.seconds if control else None),
            number(row.tokens, ",.0f"),
            number(row.usd, ".4f"),
            number(row.refused, ",.1f"),
            *(["█" * round(_BAR_WIDTH * share)] if longest is not None else []),
        )
    return table


def _change(value: float | None, than: float | None) -> str:
    return f"{value / than - 1:+z.1%}" if than and value is not None else "n/a"
