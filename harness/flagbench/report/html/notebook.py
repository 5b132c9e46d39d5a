"""Comparisons and attributions as a notebook shows them: the page's tables and pictures, alone.

A front end for notebooks calls `_repr_html_` and puts the result between other outputs. So each has
the colours of its pictures in it, and ids that no other output has.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from flagbench.analysis.attribution.effects import Attribution
from flagbench.analysis.comparison import breakdown, pairing, splitting
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.measurement.summary import summarise
from flagbench.printable import printable
from flagbench.report import split_text
from flagbench.report.content import Part, Picture
from flagbench.report.html import quality
from flagbench.report.html.anchors import Anchors
from flagbench.report.html.environment import TEMPLATES, environment
from flagbench.report.html.stand_alone import light_colours, stand_alone
from flagbench.report.sections import interactions, waterfall
from flagbench.report.text import (
    attribution_grid,
    attribution_lines,
    comparison_grid,
    comparison_lines,
)

_PICTURED = 4  # scenarios
_NO_PICTURE = "No chart: neither side has a rate of approval or acceptance."
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ID = re.compile(r'(\bid="|\bhref="#|url\(#)')
_LABELLED = re.compile(r'(?<=aria-labelledby=")[^"]*')


@dataclass(frozen=True, slots=True)
class ShownComparison(Comparison):
    """A comparison that a notebook shows as tables and charts; `names` are those of A and B."""

    names: tuple[str, str]

    @classmethod
    def of(cls, comparison: Comparison, names: tuple[str, str]) -> "ShownComparison":
        """The same comparison."""
        values = {each.name: getattr(comparison, each.name) for each in fields(comparison)}
        return cls(**values, names=names)

    def _repr_html_(self) -> str:
        return _html("A = {}, B = {}".format(*self.names), _comparison_parts(self))


@dataclass(frozen=True, slots=True)
class ShownAttribution(Attribution):
    """An attribution that a notebook shows as tables and, of a full design, as charts."""

    @classmethod
    def of(cls, attribution: Attribution) -> "ShownAttribution":
        """The same attribution."""
        values = {each.name: getattr(attribution, each.name) for each in fields(attribution)}
        return cls(**values)

    def _repr_html_(self) -> str:
        return _html(f"{self.scenario}: what each flag does", _attribution_parts(self))


def _comparison_parts(comparison: ShownComparison) -> Iterator[Part]:
    paired = comparison.paired
    grids = [comparison_grid.metrics(comparison)]
    if comparison.scenarios > 1:
        means = breakdown.by_scenario(breakdown.rows(paired))
        grids.append(comparison_grid.changes(means, "scenario"))
    yield Part("basis", "Basis", paragraphs=list(comparison_lines.basis(comparison)), grids=grids)
    yield Part(
        "methods",
        "Methods",
        paragraphs=[
            *comparison.absent,
            *comparison_lines.methods(comparison),
            *(f"exactly: {split_text.line(part)}" for part in splitting.split(paired)),
        ],
    )
    pictures = list(_quality(comparison))
    paragraphs = [quality.legend(pictures) if pictures else _NO_PICTURE]
    if comparison.scenarios > _PICTURED:
        paragraphs.append(
            f"Pictured: the first {_PICTURED} of {comparison.scenarios} scenarios; "
            "`scenarios=[...]` chooses others."
        )
    yield Part("quality", "Quality against cost", paragraphs, pictures)


def _quality(comparison: ShownComparison) -> Iterator[Picture]:
    """The page's charts of quality against cost, with a point for A and one for B."""
    groups = list(comparison.paired.by_scenario().items())[:_PICTURED]
    for place, (scenario, pairs) in enumerate(groups, start=1):
        cells = [pair.a for pair in pairs], [pair.b for pair in pairs]
        members = [
            replace(summarise(side, cells[0]), combination=name)
            for side, name in zip(cells, comparison.names, strict=True)
        ]
        for picture in quality.pictures(f"quality-{place}", scenario, members):
            yield replace(picture, title=f"{scenario}: {picture.title}")


def _attribution_parts(attribution: Attribution) -> Iterator[Part]:
    unknown = all(effects.metric != "seconds" for effects in attribution.metrics)
    yield Part(
        "effects",
        "Effects",
        paragraphs=[
            attribution_lines.basis(attribution),
            *attribution_lines.legend(attribution),
            *([f"seconds: {pairing.why_unknown('seconds')}"] if unknown else ()),
        ],
        grids=[attribution_grid.effects(attribution, metric) for metric in attribution.metrics],
    )
    if attribution.is_full:
        parts = waterfall.part([attribution]), interactions.part([attribution])
        yield from (part for part in parts if part)


def _html(heading: str, parts: Iterator[Part]) -> str:
    colours = light_colours((TEMPLATES / "page.css").read_text(encoding="utf-8"))
    template = environment().get_template("notebook.html.j2")
    html = printable(template.render(heading=heading, parts=list(parts), anchor=Anchors()))
    html = _SVG.sub(lambda match: stand_alone(match[0], colours), html)
    return _with_own_ids(html, f"f{hashlib.sha256(html.encode()).hexdigest()[:12]}-")


def _with_own_ids(html: str, prefix: str) -> str:
    html = _ID.sub(lambda match: match[1] + prefix, html)
    return _LABELLED.sub(lambda match: " ".join(prefix + name for name in match[0].split()), html)
