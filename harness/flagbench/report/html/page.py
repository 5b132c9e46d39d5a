"""The page: its content in order, rendered from a template."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flagbench.report.content import Part, Picture
from flagbench.report.html import provenance, quality
from flagbench.report.html.anchors import Anchors
from flagbench.report.html.costs import COLUMNS, CostCell, Costs, change, costs
from flagbench.report.html.environment import TEMPLATES, environment
from flagbench.report.html.how_it_ran import how_it_ran
from flagbench.report.html.kept_pictures import KeptPictures
from flagbench.report.html.refutations import SHOWN, RefutationSummary, refutation_summary
from flagbench.report.inputs import Inputs
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import (
    own_metrics,
    provisional_text,
    remarks,
    stream_pace,
    table,
    whole_run,
)
from flagbench.report.unused_files import Unused
from flagbench.shown_numbers import number
from flagbench.verdict.verdict import Outcome


@dataclass(frozen=True, slots=True)
class ScenarioPage:
    """The part of the page about one scenario.

    `saved` is the change from `none` to `all`, `accepted` the acceptance rates of `none` and of
    `all`. `anchor` is a prefix for ids, since a scenario's name may contain characters that an id
    may not.
    """

    anchor: str
    name: str
    title: str
    input: str
    provider: str
    counts: str
    outcome: str
    saved: Sequence[CostCell]
    accepted: Sequence[str]
    headline: Sequence[str]
    costs: Costs
    other_figures: Sequence[str]
    warnings: Sequence[str]
    pictures: Sequence[Picture]
    refutations: RefutationSummary


def render(
    report: RunReport,
    unused: Unused,
    parts: Sequence[Part] = (),
    inputs: Inputs | None = None,
    kept: KeptPictures | None = None,
) -> str:
    """Render the page, equal for equal results; `parts` come before the provenance, in their order.

    `inputs` are stated in the provenance; a table that nobody ran has none. Pictures that are
    `kept` are not drawn again.
    """
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    scenarios = [
        scenario_page(f"scenario-{place}", name, members)
        for place, (name, members) in enumerate(report.by_scenario().items(), start=1)
    ]
    if kept:
        pictures = [each.pictures for each in scenarios] + [part.pictures for part in parts]
        kept.draw(picture.figure for some in pictures for picture in some)
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            worst=_worst(report.series),
            providers=sorted({scenario.provider for scenario in scenarios}),
            not_kept=whole_run.group_not_kept(report),
            scenarios=scenarios,
            columns=COLUMNS,
            legend=table.LEGEND,
            quality_legend=quality.legend(p for each in scenarios for p in each.pictures),
            shown=SHOWN,
            parts=parts,
            provenance=provenance,
            how_it_ran=Markup(how_it_ran(report)),  # noqa: S704  escaped there
            inputs=inputs,
            anchor=Anchors(),
            unused=unused.lines(),
            style=Markup((TEMPLATES / "page.css").read_text(encoding="utf-8")),  # noqa: S704  our own
            script=Markup(script),  # noqa: S704  our own
            script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def scenario_page(anchor: str, name: str, members: Sequence[SeriesReport]) -> ScenarioPage:
    """Collect the content about one scenario."""
    first = members[0]
    by_name = {member.combination: member for member in members}
    everything = by_name.get("all")
    on = everything.metrics if everything else {}
    off = by_name["none"].metrics if "none" in by_name else {}
    return ScenarioPage(
        anchor=anchor,
        name=name,
        title=first.title,
        input=f"{first.requests} request(s), {first.trials} trials",
        provider=table.provider_of(first),
        counts=_counts(members),
        outcome=_worst(members),
        saved=[change(on.get(f"{what}_reduction")) for what in ("token", "time", "cost")],
        accepted=[number(metrics.get("acceptance_rate"), ".1%") for metrics in (off, on)],
        headline=table.headline(everything) if everything and on else (),
        costs=costs(members),
        other_figures=[
            *(f"provisional: {line}" for line in provisional_text.scenario_lines(members)),
            *remarks.special_tokens(members),
            *stream_pace.lines(members),
            *own_metrics.lines(members),
        ],
        warnings=remarks.warnings(members),
        pictures=list(quality.pictures(anchor, name, members)),
        refutations=refutation_summary(members),
    )


def _counts(members: Sequence[SeriesReport]) -> str:
    outcomes = [member.outcome for member in members]
    return ", ".join(
        f"{outcomes.count(outcome)} {outcome.value}" for outcome in Outcome if outcome in outcomes
    )


def _worst(members: Sequence[SeriesReport]) -> str:
    """The worst outcome, for styling: BROKEN, COULD NOT RUN, PROVISIONAL, KEPT."""
    outcomes = {member.outcome for member in members}
    for outcome in (Outcome.BROKEN, Outcome.COULD_NOT_RUN, Outcome.PROVISIONAL, Outcome.KEPT):
        if outcome in outcomes:
            return outcome.value
    return Outcome.COULD_NOT_RUN.value
