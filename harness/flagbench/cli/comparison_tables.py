"""Tables of a comparison, the scope of its intervals, and its gates."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flagbench.analysis.comparison import breakdown, splitting
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import Answer, Judgement, Unit
from flagbench.analysis.comparison.metrics import Limited
from flagbench.analysis.comparison.pairing import Paired
from flagbench.analysis.statistics.intervals import About
from flagbench.cli.grid_table import plain_table
from flagbench.report import split_text
from flagbench.report.content import Grid
from flagbench.report.text import comparison_lines
from flagbench.report.text.comparison_grid import changes, difference, limited, metrics
from flagbench.shown_numbers import chance

_FEW_SCENARIOS = 4
_STYLES = {Answer.PASS: "green", Answer.FAIL: "bold red", Answer.INCONCLUSIVE: "bold yellow"}


def show(
    names: tuple[str, str], paired: Paired, comparison: Comparison, out: Console, *, details: bool
) -> None:
    """Print a comparison. `details` adds a table of the requests."""
    out.print(f"A = {names[0]}\nB = {names[1]}", style="bold")
    for line in comparison_lines.basis(comparison):
        out.print(line)
    out.print(plain_table(metrics(comparison)))
    for line in (*comparison.absent, *comparison_lines.methods(comparison)):
        out.print(line, style="dim")
    if comparison.about is About.SCENARIOS and comparison.scenarios < _FEW_SCENARIOS:
        few = f"{comparison.scenarios} scenarios say little about others"
        few = few if comparison.scenarios > 1 else "one scenario says nothing of others"
        out.print(f"{few}; see --about trials.", style="dim")
    for part in splitting.split(paired):
        out.print(f"exactly: {split_text.line(part)}")
    rows = breakdown.rows(paired)
    if comparison.scenarios > 1:
        out.print(plain_table(changes(breakdown.by_scenario(rows), "scenario")))
    if details:
        out.print(plain_table(changes(breakdown.by_request(rows), "request")))


def show_gates(judgements: Sequence[Judgement], answer: Answer, out: Console) -> None:
    """Print the answer of each gate, and that of all of them together."""
    for judgement in judgements:
        answer_text = Text(f"{judgement.answer} ", style=_STYLES[judgement.answer])
        out.print(answer_text + Text(_describe(judgement)))
        if judgement.answer is Answer.INCONCLUSIVE and judgement.chances:
            out.print(_power(judgement))
    if len(judgements) > 1:
        out.print(Text(f"together: {answer}", style=_STYLES[answer]))
        out.print("Each gate is judged at 95 %, without correction for their number.", style="dim")


def _power(judgement: Judgement) -> Table:
    """Table of the chances of FAIL, by the true effect and the repetitions."""
    condition, what = judgement.condition, judgement.repetitions
    counts = list(judgement.chances[0][1])
    columns = ("true effect", *(f"FAIL with {count:,} {what}" for count in counts))
    rows = [
        (
            _in_unit(condition.metric, condition.unit, effect),
            *(chance(shares[count]) for count in counts),
        )
        for effect, shares in judgement.chances
    ]
    return plain_table(Grid("chances of FAIL", columns, rows))


def _describe(judgement: Judgement) -> str:
    condition = judgement.condition
    if judgement.measured is None:
        return f"{condition.text}: {judgement.reason}"
    limits = Limited(judgement.measured, judgement.low, judgement.high)
    change = limited(limits, partial(_in_unit, condition.metric, condition.unit))
    text = f"{condition.text}: B - A is {change}; {judgement.reason}"
    if judgement.answer is not Answer.INCONCLUSIVE:
        return text
    in_unit = partial(_in_unit, condition.metric, condition.unit)
    if judgement.smallest is not None:
        text += (
            ". The smallest effect beyond the bound that these recordings would show 4 times in 5: "
            f"{in_unit(judgement.smallest)}"
        )
    return "".join([text, *_plan(judgement, in_unit)])


def _plan(judgement: Judgement, in_unit: Callable[[float], str]) -> Iterator[str]:
    """Sentences on the recordings that would decide, with 80 % power."""
    what = "trials of each scenario" if judgement.repetitions == About.TRIALS else "scenarios"
    if judgement.to_pass is not None:
        yield f". {judgement.to_pass:,} {what} would PASS if nothing had changed"
    if judgement.to_fail is not None and judgement.target is not None:
        yield f". {judgement.to_fail:,} {what} would FAIL an effect of {in_unit(judgement.target)}"


def _in_unit(metric: str, unit: Unit, value: float) -> str:
    return f"{round(value, 3) + 0.0:+.1%}" if unit is Unit.PERCENT else difference(metric, value)
