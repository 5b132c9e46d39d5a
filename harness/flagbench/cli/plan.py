"""`flagbench plan`: the trials that an effect needs, and what today's trials can see."""

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.table import Table

from flagbench.analysis.comparison import gate
from flagbench.analysis.comparison.gate import AMOUNTS, RATES, Condition, Unit
from flagbench.analysis.comparison.pairing import Paired
from flagbench.analysis.statistics import planning
from flagbench.analysis.statistics.planning import Spread
from flagbench.analysis.statistics.power import POWER, unseen_share
from flagbench.cli import (
    declared_gates,
    folder_options,
    ini_lines,
    stored_spreads,
)
from flagbench.cli.table_console import table_console
from flagbench.errors import InputError, Problem, problem_in
from flagbench.measurement import results as stored
from flagbench.measurement.cell_result import CellResult
from flagbench.scenario import loading as scenarios
from flagbench.series.recorded_cost import TrialCost, cost_of_trial
from flagbench.shell_command import shell_command
from flagbench.shown_numbers import chance, rate

_FORM = re.compile(r"\s*([a-z_]+)\s+([+-]?\d+(?:\.\d+)?)\s*(%|)\s*\Z")
_EXPECTED = "a metric and a size, such as 'tokens 5%' or 'seconds 1.5'"
_FEW = 5
# Sizes of effects in a power table, as shares of A; for other units, of the mean.
_EFFECTS = (0.0, *gate.EFFECTS)


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--effect", metavar="EFFECT", help="The effect to see: 'tokens 5%', 'seconds 1.5'.")
@click.option("--power", type=click.FloatRange(0.5, 0.999), default=POWER, show_default=True,
              help="The chance to see it.")  # fmt: skip
@click.option("--combination", default="none", show_default=True, help="Whose spread to use.")
@click.option("--against", metavar="A",
              help="The other side, for luck that both meet. [default: none, for another "
              "--combination]")  # fmt: skip
@click.option("--fail-if", "conditions", multiple=True, metavar="CONDITION",
              help="A gate of `compare` whose power to tabulate; repeatable.")  # fmt: skip
@click.option("--results", type=click.Path(path_type=Path), default=stored.LATEST,
              show_default=True, help="The run whose trials show the spread.")  # fmt: skip
@folder_options.cassettes
def plan(
    scenario: Path,
    effect: str | None,
    power: float,
    combination: str,
    against: str | None,
    conditions: Sequence[str],
    results: Path,
    cassettes: Path,
) -> None:
    """Plan the trials of SCENARIO, from the spread between its stored trials.

    A changed prompt is recorded again, so that both sides of the comparison vary on their own; two
    combinations of the same trials meet the same luck, and are paired as `compare` does. Without
    --effect, it says which effects today's trials can see, and how often a gate answers: those of
    --fail-if, else those of `flagbench_gates` in pytest's configuration.

    \b
    flagbench plan scenarios/student.yaml --effect 'tokens 5%' --power 0.8
    flagbench plan scenarios/student.yaml --fail-if 'tokens > +2%'
    flagbench plan scenarios/student.yaml --combination all --fail-if 'tokens > +2%'
    """
    ini_lines.use_pythonpath(Path.cwd())
    loaded = scenarios.load(scenario)
    every = [cell for cell in stored.load(results) if cell.scenario == loaded.name]
    against = against or ("none" if combination != "none" else None)
    if against == combination:
        what = f"{against} against itself"
        raise InputError(Problem(what, "--against", "another combination than --combination"))
    cells = [cell for cell in every if cell.combination == combination]
    others = [cell for cell in every if cell.combination == against]
    for name, found in ((combination, cells), *([(against, others)] if against else [])):
        if not found:
            what = f"no cells of {loaded.name}::{name}"
            fix = shell_command("flagbench", "run", scenario)
            raise InputError(Problem(what, where=str(results), fix=fix))
    paired, unpaired = stored_spreads.paired_sides(others, cells, against)
    texts, where = declared_gates.conditions(conditions)
    gates = [_parsed(text, where) for text in texts]
    for condition in gates if conditions else ():
        _check_amount(condition, where)
    wanted = _effect(effect) if effect else None
    out = table_console()
    out.print(
        f"{loaded.name}::{combination}: {len(cells)} trials; if not said otherwise, both sides are "
        "recorded on their own"
    )
    if wanted:
        cost = cost_of_trial(loaded, cassettes)
        size = wanted.text.replace(" > ", " ")
        out.print(f"{size}: {_needed(wanted, stored_spreads.spread(wanted, cells), power, cost)}")
        same = stored_spreads.paired_spread(wanted, paired)
        told = (
            _needed(wanted, same, power, cost)
            if same
            else unpaired or stored_spreads.unknown(wanted)
        )
        out.print(f"{size}, if both sides meet the same luck: {told}")
    else:
        out.print(_visible(cells, paired, power))
        if unpaired:
            out.print(f"same luck: {unpaired}")
    for condition in gates:
        if (
            not conditions
            and condition.metric not in RATES
            and not stored_spreads.spread_of(condition, cells)
        ):
            out.print(f"{condition.text}: not known, {stored_spreads.unknown(condition)}")
            continue
        for shown in _tables(condition, cells, paired, f"{against} and {combination}"):
            out.print(shown)
    if len(cells) < _FEW:
        out.print("The spread of so few trials is itself uncertain: plan again with more.")


def _effect(text: str) -> Condition:
    form = _FORM.match(text)
    if form is None:
        raise InputError(Problem(f"{text!r} is not an effect", "--effect", _EXPECTED))
    metric, size, unit = form.groups()
    condition = _parsed(f"{metric} > {size}{unit}", "--effect")
    _check_amount(condition, "--effect")
    if not condition.bound:
        what = f"{text!r} is not an effect: no number of trials shows it"
        raise InputError(Problem(what, "--effect", "a size above or below 0"))
    return condition


def _parsed(text: str, where: str) -> Condition:
    try:
        return gate.parse(text)
    except ValueError as error:
        raise InputError(problem_in(str(error), where)) from error


def _check_amount(condition: Condition, where: str) -> None:
    if condition.metric in RATES:
        what = f"{condition.metric} is a rate, whose trials `flagbench compare --fail-if` plans"
        raise InputError(Problem(what, where, f"one of {', '.join(AMOUNTS)}"))


def _needed(wanted: Condition, seen: Spread, power: float, cost: TrialCost) -> str:
    if not seen.deviation:
        return _constant(seen)
    trials = planning.trials_needed(seen, _size(wanted, wanted.bound), power)
    if trials is None:
        return f"more than 100,000 trials for a power of {rate(power)}"
    more = max(0, trials - seen.trials)
    return (
        f"{trials:,} trials for a power of {rate(power)} ({_deviation(wanted, seen)}); "
        f"{more:,} more than now: {_cost(cost, more)}; a new prompt needs all of them: "
        f"{_cost(cost, trials)}"
    )


def _size(condition: Condition, effect: float) -> float:
    """An effect on the scale of the spread."""
    return math.log1p(effect) if condition.unit is Unit.PERCENT else effect


def _visible(cells: Sequence[CellResult], pairs: Paired | None, power: float) -> Table:
    """The smallest effect on each amount that the stored trials show."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("metric", "mean per request", "spread between trials", "smallest effect seen",
                   "with the same luck"):  # fmt: skip
        table.add_column(column, justify="left" if column == "metric" else "right")
    for metric in AMOUNTS:
        seen = stored_spreads.spread_of_metric(metric, cells, is_percent=True)
        paired = stored_spreads.paired_spread_of_metric(metric, pairs, is_percent=True)
        same = _visible_percent(paired, power) if paired else "not known"
        if seen is None:
            table.add_row(metric, "n/a", "not known", "not known", same)
            continue
        effect = _visible_percent(seen, power)
        table.add_row(metric, f"{seen.mean:,.5g}", f"{seen.deviation:.1%}", effect, same)
    table.caption = f"seen with a chance of {rate(power)}, as a change of the mean at 95 %"
    table.caption_justify = "left"
    return table


def _visible_percent(seen: Spread, power: float) -> str:
    if not seen.deviation:
        return "not known: no variation"
    return f"{math.expm1(planning.smallest(seen, power)):+z.1%}"


def _tables(
    condition: Condition, cells: Sequence[CellResult], paired: Paired | None, sides: str
) -> Iterator[Table | str]:
    """The power of a gate where both sides vary on their own, and of paired ones if it is known."""
    if condition.metric in RATES:
        yield f"{condition.text}: a rate; `flagbench compare` says how many trials"
        return
    same = stored_spreads.paired_spread(condition, paired)
    for how, seen in (
        ("both sides recorded on their own", stored_spreads.spread(condition, cells)),
        (f"{sides} of the same trials, paired", same),
    ):
        title = f"{condition.text}, {how}"
        if seen is not None and seen.deviation:
            yield _table(condition, seen, title)
        elif seen is not None:
            yield f"{title}: {_constant(seen)}"


def _constant(seen: Spread) -> str:
    """The sentence on trials that agree, as `compare` says it of two sides."""
    share = unseen_share(seen.trials)
    return (
        f"not known: these {seen.trials} trials did not vary, and a change in fewer than "
        f"{rate(share)} of trials would not have been seen"
    )


def _table(condition: Condition, seen: Spread, title: str) -> Table:
    """The chances of the answers of a gate, for effects of several sizes and for more trials."""
    more = [multiple * seen.trials for multiple in gate.MULTIPLES[1:]]
    table = Table(box=None, pad_edge=False, header_style="dim", title=title)
    table.title_justify = "left"
    later = (f"FAIL with {trials:,} trials" for trials in more)
    for column in ("true effect", "FAIL", "PASS", "INCONCLUSIVE", *later):
        table.add_column(column, justify="right")
    for effect in _effects(condition, seen):
        over = condition.relation.startswith(">")
        size, bound = _size(condition, effect), _size(condition, condition.bound)
        size, bound = (size, bound) if over else (-size, -bound)
        fails, passes = planning.chances(seen, size, bound)
        fails_later = (planning.chances(seen, size, bound, trials)[0] for trials in more)
        shown = f"{effect:+z.1%}" if condition.unit is Unit.PERCENT else f"{effect:+z,.4g}"
        rest = max(0.0, 1 - fails - passes)
        table.add_row(shown, *map(chance, (fails, passes, rest, *fails_later)))
    return table


def _effects(condition: Condition, seen: Spread) -> Iterator[float]:
    away = 1 if condition.relation.startswith(">") else -1
    scale = 1.0 if condition.unit is Unit.PERCENT else abs(seen.mean)
    yield from sorted({condition.bound, *(away * share * scale for share in _EFFECTS)})


def _deviation(condition: Condition, seen: Spread) -> str:
    form = ".1%" if condition.unit is Unit.PERCENT else ",.4g"
    return f"spread between trials {seen.deviation:{form}}"


def _cost(cost: TrialCost, trials: int) -> str:
    usd = "US$ unknown" if cost.usd is None else f"US${cost.usd * trials:,.2f}"
    time = "time unknown" if cost.seconds is None else f"{cost.seconds * trials / 60:,.0f} minutes"
    tokens = "tokens unknown" if cost.tokens is None else f"{cost.tokens * trials:,.0f} tokens"
    return f"{cost.requests * trials:,.0f} requests, {tokens}, {usd}, {time}"
