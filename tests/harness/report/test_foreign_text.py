"""Any text in any field of a run: every format is valid, and nothing in it is markup or control."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from whole_run import run, span

from flagbench.acceptance.prover import ProvingCost
from flagbench.measurement import results
from flagbench.measurement.cell_result import ArtifactResult, RefutedArtifact, Usage
from flagbench.measurement.split import Cause, Split
from flagbench.plain_console import plain_console
from flagbench.printable import printable_fields
from flagbench.report import series_report, terminal
from flagbench.report.data import json_files, parquet_file
from flagbench.report.html import page
from flagbench.report.publish import Finished
from flagbench.report.rendered import PAGE_FILE, TABLE_FILE, Rendered
from flagbench.report.sections import timeline
from flagbench.report.series_report import RunReport
from flagbench.report.text import markdown
from flagbench.report.unused_files import Unused

PIECES = [
    "\ud83d", "\udcff", "\x00", "\x1b[31m", "\x1b]8;;http://x.invalid\x07", "\x07", "\r", "\x9b2J",
    "\u202e", "\u2066", "\u200f", "\u2028", "\x85", "\ufffe", "\uffff", "\n", "\t", "[/x]", "[red]",
    "[link=http://x.invalid]", ":smile:", "![x](http://x.invalid/a.png)", "@octocat", "#1", "`",
    "``", "|", "\\|", "<img src=x onerror=alert(1)>", "</script><script>", "</style>", "<!--",
    "-->", "&amp;", "]]>", '" onload="x', "javascript:alert(1)", "{{ 7 * 7 }}", "{% raw %}",
    "$\\frac$",
    "../../x", "/etc/x", "👩‍👩‍👧", "名前", "9" * 400, "x" * 5000, "", " ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=6).map("".join)
# What no report holds raw: a newline and a tab apart, which some formats have of their own.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200f\u202a-\u202e\u2066-\u2069\ufffe]")
FIELDS = (
    "title", "path", "model", "reason", "broken", "causes", "stale", "warnings", "events",
    "request_id", "kind", "artifact", "refuted", "message", "agent", "phase", "outcome",
)  # fmt: skip


def foreign(texts: dict[str, str]) -> RunReport:
    """A run with these texts in its fields, through the functions that make a report."""
    scenario: Any = SimpleNamespace(
        name="one", title=texts["title"], path=Path("scenarios") / "one.yaml",
        provider="own", model=texts["model"], requests=("r",), trials=2, combinations=(),
    )  # fmt: skip
    made = []
    for member in run(["none", "all"]).series:
        cells = [
            # As the runner of cells makes them.
            printable_fields(replace(
                cell,
                model=texts["model"],
                warnings=[texts["warnings"]],
                events={texts["events"]: 1},
                by_agent={texts["agent"]: Usage(1, 1, 1, 1.0)},
                by_request={texts["request_id"]: Usage(1, 1, 1, 1.0)},
                artifacts=[
                    ArtifactResult(
                        texts["request_id"], texts["kind"], texts["artifact"], False, "a" * 64
                    )
                ],
                refuted=[
                    RefutedArtifact(
                        1, texts["artifact"], texts["refuted"], True, "runs", texts["message"],
                        "b" * 64,
                    )
                ],
            ))
            for cell in member.cells
        ]  # fmt: skip
        spans = [
            span(texts["agent"], 0.0, 1.0, phase=texts["phase"], outcome=texts["outcome"]),
            span("w", 1.0, 2.0, what="wait", outcome=texts["outcome"]),
        ]
        series: Any = SimpleNamespace(
            cells=[
                SimpleNamespace(
                    measurement=cell, used=(), recorded=1, cpu_seconds=0.0, local_cpu_seconds=0.0,
                    timeline=spans, texts={}, is_known=False, reads=(),
                )
                for cell in cells
            ],
            control=[SimpleNamespace(used=())] * len(cells),
            verdict=SimpleNamespace(
                outcome=SimpleNamespace(value="BROKEN"), broken=[texts["broken"]]
            ),
            summary=SimpleNamespace(metrics=member.metrics, noise={}), expected={}, local_work="",
            provisional=None,
            split=Split("tokens", 9.0, 4.0, 0.0, came=[Cause(texts["causes"], 1, 5.0)]),
            proving=ProvingCost(),
            causes=[SimpleNamespace(text=texts["causes"], diff=texts["message"])],
            stale=[texts["stale"]], drift=[texts["stale"]], unseen=[texts["path"]],
        )  # fmt: skip
        scenario.dashboard, scenario.swept_settings = None, {}
        report = series_report.report_of(
            scenario, SimpleNamespace(id=member.combination), place=member.place,
            is_own_design=True, series=series, reason=texts["reason"],
        )  # fmt: skip
        made.append(report)
    return RunReport.of(made, interrupted=True, crashes=1)


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note them."""
        self.seen |= {tag, *(name for name, _ in attrs)}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def ours() -> set[str]:
    """The tags and attributes of a page without foreign text."""
    tags = Tags()
    tags.feed(rendered(foreign(dict.fromkeys(FIELDS, "x"))))
    return tags.seen


def rendered(report: RunReport) -> str:
    """The page with its pictures."""
    part = timeline.part(report)
    return page.render(report, Unused({}), [part] if part else [])


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The tags and attributes of our own."""
    return ours()


@pytest.mark.filterwarnings("ignore:Glyph")  # fonts without every sign are no fault
@settings(max_examples=4)
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)))
@example(dict.fromkeys(FIELDS, "".join(PIECES)))
def test_every_format_takes_any_text(known: set[str], texts: dict[str, str]) -> None:
    """It is written, read back, and has no control characters and no markup of others."""
    report = foreign(texts)
    unused = Unused({f"c/{texts['path']}": (1,)})
    with TemporaryDirectory() as name:
        folder = Path(name)
        json_files.write(report, folder)
        markdown.write(report, unused, folder)
        part = timeline.part(report)
        text = page.render(report, unused, [part] if part else [])
        Rendered(text, parquet_file.content(report), None).write(folder)
        for path in folder.iterdir():
            if path.suffix != ".parquet":
                assert not RAW.search(path.read_text(encoding="utf-8")), path.name
        assert len(results.load(folder)) == 4
        assert json.loads((folder / "summary.json").read_text())["crashes"] == 1
        assert parquet.read_table(folder / TABLE_FILE).num_rows == 4
        lines = (folder / "report.md").read_text().splitlines()
        shown = (folder / PAGE_FILE).read_text()
    assert len(lines) < 60
    for line in lines:
        outside = re.sub("`[^`]*`", "", line)
        assert not re.search("[`@<]|x.invalid|octocat|smile", outside), line
    tags = Tags()
    tags.feed(shown)
    assert tags.seen <= known | {"code", "transform", "wbr"}
    assert all(link.startswith(("#", "artifacts/", "data:,")) for link in tags.links)


@settings(max_examples=4)
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)))
def test_the_terminal_takes_any_text(texts: dict[str, str]) -> None:
    """With and without colours: only rich's own styles are sent."""
    report = printable_fields(foreign(texts))
    finished = Finished(report, Unused({f"c/{texts['path']}": (1,)}), Path("x"), (texts["path"],))
    for has_colours in (True, False):
        file = io.StringIO()
        terminal.show(finished, plain_console(file=file, has_colours=has_colours), whole=True)
        shown = re.sub("\x1b\\[[0-9;]*m", "", file.getvalue())
        assert not RAW.search(shown)
        shown.encode()
