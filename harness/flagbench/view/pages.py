"""The pages as HTML, rendered from templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pygments.formatters import HtmlFormatter

from flagbench.errors import Problem
from flagbench.measurement import split as splits
from flagbench.measurement.cell_result import CellResult
from flagbench.printable import printable
from flagbench.report import split_text
from flagbench.report.html import costs
from flagbench.report.html.anchors import Anchors
from flagbench.report.html.environment import TEMPLATES as REPORT_TEMPLATES
from flagbench.report.rendered import PAGE_FILE
from flagbench.report.series_report import SeriesReport
from flagbench.verdict.verdict import Outcome
from flagbench.view import addresses, side_by_side
from flagbench.view.addresses import CellAddress
from flagbench.view.environment import TEMPLATES, environment
from flagbench.view.library import Library, NotThere
from flagbench.view.paging import Paging
from flagbench.view.scenario_parts import HEADINGS, REASONS, REFUTED

STATIC = ("view.css", "view.js")
# Rows of a page; a search goes no further than the page that is asked for.
_SERIES, _HITS = 100, 50


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a library.

    Files, which no server makes on demand, have no search, and no pairs but those with the control.
    """

    library: Library
    is_served: bool = True

    def page(self, path: str, query: Mapping[str, str]) -> str:
        """The page at a path from the root.

        Raises `NotThere`, and the errors of the library for a cell that cannot be replayed.
        """
        folder, _, file = path.strip("/").rpartition("/")
        if not folder:
            if file in ("", addresses.INDEX):
                return self._overview()
            if file == addresses.SEARCH:
                return self._search(query.get("q", ""), query.get("scenario", ""), query)
            raise NotThere(Problem("no such page", where=printable(path)))
        name = addresses.scenario_of(folder)
        if name not in self.library.summary["scenarios"]:
            raise NotThere(Problem(f"no scenario {printable(name)!r} in this run"))
        if file == addresses.INDEX:
            return self._scenario(name, query)
        if (part := addresses.part_of(file)) in HEADINGS:
            return self._part(name, part)
        try:
            shown = addresses.parse(file)
        except ValueError:
            raise NotThere(Problem("no such page", where=printable(path))) from None
        if isinstance(shown, int):
            return self._recording(name, shown)
        return self._cell(name, *shown) if len(shown) == 1 else self._pair(name, *shown)

    def problem(self, path: str, title: str, text: str) -> str:
        """The page at a path, with an error in its place."""
        root = "../" * path.strip("/").count("/")
        return self._render("problem.html.j2", root=root, title=title, text=text)

    def _overview(self) -> str:
        scenarios = self.library.summary["scenarios"]
        has_report = (self.library.options.latest / PAGE_FILE).exists()
        rows = [
            (name, scenario, _landmarks(scenario["series"])) for name, scenario in scenarios.items()
        ]
        rows.sort(key=lambda row: all(map(_is_kept, row[1]["series"].values())))
        return self._render("overview.html.j2", root="", rows=rows, has_report=has_report)

    def _scenario(self, name: str, query: Mapping[str, str]) -> str:
        wanted = query.get("series", "")
        words = wanted.casefold().split()
        members = sorted(
            (
                member
                for member in self.library.series(name)
                if all(word in member.combination.casefold() for word in words)
            ),
            key=_place,
        )
        page = Paging.of(members, query, _SERIES) if self.is_served else Paging(members)
        keys = self.library.keys(name)
        return self._render(
            "scenario.html.j2", root="../", name=name, wanted=wanted,
            scenario=self.library.summary["scenarios"][name], columns=costs.COLUMNS,
            trials=sorted({trial for _, trial in keys}), cells=set(keys), page=page,
            series=zip(page.items, costs.costs(page.items).rows, strict=True),
            headings=HEADINGS,
            parts={} if self.is_served else {part: self._content(name, part) for part in HEADINGS},
        )  # fmt: skip

    def _part(self, name: str, part: str) -> str:
        return self._render(
            "part.html.j2", root="../", name=name, part=part, heading=HEADINGS[part],
            content=self._content(name, part),
        )  # fmt: skip

    def _content(self, name: str, part: str) -> Markup:
        """The content of a part, without its heading."""
        content: dict[str, Any]
        if part == REFUTED:
            content = {"refuted": self._refuted(name), "content": None}
        else:
            content = {"refuted": [], "content": self.library.parts(name).part(part)}
        shown = environment().get_template("part_content.html.j2")
        text = shown.render(
            name=name, where=addresses, anchor=Anchors(), reason=REASONS.get(part, ""), **content
        )
        return Markup(text)  # noqa: S704  our own template, which escapes

    def _refuted(self, name: str) -> Sequence[tuple[tuple[str, str], Sequence[Any]]]:
        """File and failed check, with the cells and proofs of each, most frequent first."""
        groups: dict[tuple[str, str], list[tuple[CellAddress, Any]]] = {}
        for (combination, trial), row in self.library.rows(name, self.library.keys(name)).items():
            for failed in row.refuted:
                found = (CellAddress(combination, trial), failed)
                groups.setdefault((failed.file, failed.check), []).append(found)
        return sorted(groups.items(), key=lambda item: -len(item[1]))

    def _cell(self, name: str, address: CellAddress) -> str:
        cells = self.library.keys(name)
        view = self.library.cell(name, address.combination, address.trial)
        control = CellAddress("none", address.trial)
        others = [
            other
            for other in (CellAddress(*key) for key in cells if key[1] == address.trial)
            if other != address and (self.is_served or control in (other, address))
        ]
        return self._render(
            "cell.html.j2", root="../", name=name, address=address, cell=view, row=view.row,
            trials=[trial for combination, trial in cells if combination == address.combination],
            pairs=[
                (address, other) if address == control else (other, address) for other in others
            ],
        )  # fmt: skip

    def _pair(self, name: str, left: CellAddress, right: CellAddress) -> str:
        sides = [self.library.cell(name, side.combination, side.trial) for side in (left, right)]
        pairs = side_by_side.align(*sides)
        flags = [side.row.flags for side in sides]
        differing = {
            flag: (flags[0].get(flag, ""), flags[1].get(flag, ""))
            for flag in dict.fromkeys([*flags[0], *flags[1]])
            if flags[0].get(flag) != flags[1].get(flag)
        }
        return self._render(
            "pair.html.j2", root="../", name=name, left=left, right=right, sides=sides,
            pairs=pairs, splits=_splits(*(side.row for side in sides)),
            differing=differing,
            counts={kind: sum(pair.kind == kind for pair in pairs) for kind in _KINDS},
        )  # fmt: skip

    def _recording(self, name: str, trial: int) -> str:
        calls = self.library.recording(name, trial)
        return self._render("recording.html.j2", root="../", name=name, trial=trial, calls=calls)

    def _search(self, text: str, name: str, query: Mapping[str, str]) -> str:
        hits = self.library.search(text, name) if text.strip() else iter(())
        return self._render(
            "search.html.j2", root="", text=text, name=name, page=Paging.of(hits, query, _HITS)
        )

    def _render(self, template: str, **content: Any) -> str:
        shown = environment().get_template(template)
        return shown.render(is_served=self.is_served, where=addresses, **content)


_KINDS = (side_by_side.SAME, side_by_side.CHANGED, side_by_side.LEFT, side_by_side.RIGHT)


def static(name: str) -> str:
    """The text of a file of `STATIC`, after that of the report's page."""
    shared = (REPORT_TEMPLATES / name.replace("view", "page")).read_text(encoding="utf-8")
    text = shared + (TEMPLATES / name).read_text(encoding="utf-8")
    return _colours() + text if name == "view.css" else text


def _colours() -> str:
    """The rules of the highlighted words, for light and dark pages."""
    light, dark = (
        HtmlFormatter(style=style).get_style_defs(".code")  # type: ignore[no-untyped-call]
        for style in ("default", "github-dark")
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _splits(left: CellResult, right: CellResult) -> list[str]:
    parts = [splits.of_cells(metric, left, right) for metric in splits.METRICS]
    return [split_text.line(part) for part in parts if part is not None]


def _is_kept(series: Mapping[str, Any]) -> bool:
    return bool(series["verdict"] == "KEPT")


def _place(member: SeriesReport) -> tuple[bool, bool, bool, str]:
    """The order of series: those not kept, then `none` and `all`, then the others by name."""
    name = member.combination
    return member.outcome == Outcome.KEPT, name != "none", name != "all", name


def _landmarks(series: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
    """The name of the series that a row holds against `none`, and the metrics of both."""
    off = series.get("none", {}).get("metrics", {})
    others = {
        name: figures["metrics"]
        for name, figures in series.items()
        if name != "none" and figures["metrics"]
    }
    if not others:
        return "", off, {}
    shown = "all" if "all" in others else min(others, key=lambda name: others[name]["tokens"])
    return shown, off, others[shown]
