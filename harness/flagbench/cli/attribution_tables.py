"""Tables of an attribution: effects of flags, their interactions and their aliases."""

from collections.abc import Iterator

from rich.console import Console

from flagbench.analysis.attribution.effects import Attribution, MetricEffects, name_of
from flagbench.cli.grid_table import plain_table
from flagbench.report.text import attribution_lines
from flagbench.report.text.attribution_grid import effect_text, effects

_SHOWN_INTERACTIONS = 5


def show(attribution: Attribution, out: Console) -> None:
    """Print the effects of a scenario's flags on every metric."""
    out.print(f"{attribution.scenario}: what each flag does", style="bold")
    out.print(attribution_lines.basis(attribution))
    for metric in attribution.metrics:
        grid = effects(attribution, metric)
        out.print(f"\n{grid.caption}")
        out.print(plain_table(grid))
        for line in _interactions(metric):
            out.print(line)
    out.print()
    for line in attribution_lines.legend(attribution):
        out.print(line, style="dim")


def _interactions(metric: MetricEffects) -> Iterator[str]:
    """The largest interactions that differ from zero after Holm's correction."""
    significant = [
        effect
        for effect in metric.interactions
        if effect.p_holm is not None and effect.p_holm < 0.05
    ]
    if not metric.interactions:
        return
    if not significant:
        yield "interactions of two flags: none differs from zero in these trials"
        return
    significant.sort(key=lambda effect: -abs(effect.value))
    yield "interactions of two flags that differ from zero (Holm), largest first:"
    for effect in significant[:_SHOWN_INTERACTIONS]:
        yield f"  {name_of(effect.flags)}: {effect_text(metric.metric, effect)}"
    if len(significant) > _SHOWN_INTERACTIONS:
        yield f"  and {len(significant) - _SHOWN_INTERACTIONS} more (--json has them)"
