"""The pages as HTML, rendered from templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

from flagbench.errors import Problem
from flagbench.measurement import split as splits
from flagbench.measurement.cell_result import CellResult
from flagbench.printable import printable
from flagbench.report.text import split_text, table
from flagbench.view import addresses, side_by_side
from flagbench.view.addresses import CellAddress
from flagbench.view.library import Hit, Library, NotThere

_TEMPLATES = Path(__file__).parent / "templates"
STATIC = ("view.css", "view.js")
# A search ends here: nobody reads a longer list.
_HITS = 200
_METRICS = (("tokens", ",.0f"), ("seconds", ",.3f"), ("usd", ".5f"), ("acceptance_rate", ".0%"))


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
                return self._search(query.get("q", ""), query.get("scenario", ""))
            raise NotThere(Problem("no such page", where=printable(path)))
        name = addresses.scenario_of(folder)
        if name not in self.library.summary["scenarios"]:
            raise NotThere(Problem(f"no scenario {printable(name)!r} in this run"))
        if file == addresses.INDEX:
            return self._scenario(name)
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
        has_report = (self.library.options.latest / "report.html").exists()
        rows = [
            (name, scenario, _landmarks(scenario["series"])) for name, scenario in scenarios.items()
        ]
        rows.sort(key=lambda row: all(map(_is_kept, row[1]["series"].values())))
        return self._render("overview.html.j2", root="", rows=rows, has_report=has_report)

    def _scenario(self, name: str) -> str:
        scenario = self.library.summary["scenarios"][name]
        cells = self.library.cells(name)
        trials = sorted({trial for _, trial in cells})
        groups: dict[tuple[str, str], list[tuple[CellAddress, Any]]] = {}
        for (combination, trial), row in cells.items():
            for failed in row.refuted:
                found = (CellAddress(combination, trial), failed)
                groups.setdefault((failed.file, failed.check), []).append(found)
        refuted = sorted(groups.items(), key=lambda item: -len(item[1]))
        return self._render(
            "scenario.html.j2", root="../", name=name, scenario=scenario, trials=trials,
            series=sorted(scenario["series"].items(), key=_place), cells=cells, metrics=_METRICS,
            refuted=refuted,
        )  # fmt: skip

    def _cell(self, name: str, address: CellAddress) -> str:
        cells = self.library.cells(name)
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

    def _search(self, text: str, name: str) -> str:
        hits: list[Hit] = []
        for hit in self.library.search(text, name) if text.strip() else ():
            if len(hits) == _HITS:
                break
            hits.append(hit)
        return self._render(
            "search.html.j2", root="", text=text, name=name, hits=hits, is_cut=len(hits) == _HITS
        )

    def _render(self, template: str, **content: Any) -> str:
        shown = _environment().get_template(template)
        return shown.render(is_served=self.is_served, where=addresses, **content)


_KINDS = (side_by_side.SAME, side_by_side.CHANGED, side_by_side.LEFT, side_by_side.RIGHT)


def static(name: str) -> str:
    """The text of a file of `STATIC`."""
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
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


def _place(item: tuple[str, Mapping[str, Any]]) -> tuple[bool, bool, bool, str]:
    """The order of series: those not kept, then `none` and `all`, then the others by name."""
    combination, series = item
    return _is_kept(series), combination != "none", combination != "all", combination


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


def _code(text: str, language: str, line: int = 0) -> Markup:
    """A text with highlighted words; `language` is the name of a file or of a language."""
    try:
        lexer = get_lexer_for_filename(language) if "." in language else get_lexer_by_name(language)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    marked = HtmlFormatter(cssclass="code", hl_lines=[line] if line else [])
    return Markup(highlight(printable(text), lexer, marked))  # noqa: S704  Pygments has escaped it


def _language(text: str) -> str:
    """The language of a prompt or an answer: JSON where it begins as such, else Markdown."""
    return "json" if text.lstrip()[:1] in ("{", "[") else "markdown"


def _shares(start: float, end: float, whole: float) -> tuple[float, float]:
    """Left edge and width of a bar, in per cent of the cell's time."""
    if not whole:
        return 0.0, 0.0
    return round(100 * start / whole, 3), round(100 * (end - start) / whole, 3)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters.update(
        code=_code,
        language=_language,
        number=table.number,
        link=addresses.link,
        anchor=addresses.anchor,
        change=table.change,
    )
    environment.globals.update(shares=_shares)
    return environment
