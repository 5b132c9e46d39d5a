"""Comparisons and attributions in a notebook: executed as Jupyter does, and read as HTML."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import nbformat
import pytest
from chromium import new_page
from made_cells import row, write
from nbclient import NotebookClient
from patience import PATIENCE_SECONDS

import flagbench

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCUMENT = Path(__file__).parents[4] / "docs" / "notebook.md"
FULL = {"none": 1000, "cache": 800, "templates": 500, "all": 400}
HOSTILE = "<script>alert(1)</script>"


def results(
    folder: Path, *, scenarios: Sequence[str] = ("one",), without: str = "", **other: object
) -> Path:
    """Two trials of the full design of two flags, of which the control has a file refused."""
    write(
        folder,
        [
            row(
                combination,
                scenario=scenario,
                trial=trial,
                tokens=(tokens + trial,),
                refused=["app/a.py"] if combination == "none" else [],
                **other,
            )
            for scenario in scenarios
            for combination, tokens in FULL.items()
            if combination != without
            for trial in (1, 2)
        ],
    )
    return folder


def executed(lines: Sequence[str], folder: Path) -> list[str]:
    """The HTML of the last output of each cell, "" where there is none; a cell for each line."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line) for line in lines])
    NotebookClient(
        notebook,
        timeout=PATIENCE_SECONDS,
        resources={"metadata": {"path": str(folder)}},
        kernel_name="python3",
    ).execute()
    nbformat.validate(notebook)
    return [
        cell.outputs[-1].data.get("text/html", "") if cell.outputs else ""
        for cell in notebook.cells
    ]


def svgs(html: str) -> list[ElementTree.Element]:
    """The pictures of an output, each a document by itself."""
    texts = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    return [ElementTree.fromstring(text) for text in texts]  # noqa: S314  our own


def ids(html: str) -> set[str]:
    """The ids of an output."""
    return set(re.findall(r'\bid="([^"]+)"', html))


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel leaves nothing in the home of who runs the tests."""
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.mark.thorough
def test_a_notebook_shows_tables_and_pictures(tmp_path: Path) -> None:
    """The lines of the document run in a real kernel: a frame, tables, pictures, no error."""
    block = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    results(tmp_path / "reports" / "latest", scenarios=("academic-session",))
    lines = [line for line in block[1].splitlines() if line]
    imported, frame, comparison, attribution = executed(lines, tmp_path)
    assert not imported
    assert 'class="dataframe"' in frame
    for html, texts in ((comparison, ("tokens", "acceptance")), (attribution, ("templates",))):
        table = re.search(r"<table\b.*?</table>", html, re.DOTALL)
        assert table
        assert all(text in table[0] for text in texts)
        assert len(svgs(html)) == 2


def test_pictures_stand_alone(tmp_path: Path) -> None:
    """Their colours are in them, since a notebook has no style sheet of ours."""
    comparison = flagbench.compare("none", "all", results_of=results(tmp_path))
    html = comparison._repr_html_()
    assert "var(--" not in "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    for svg in svgs(html):
        assert svg.get("width")
        labels = svg.get("aria-labelledby", "").split()
        assert labels
        assert set(labels) <= ids(html)


def test_two_outputs_share_no_id(tmp_path: Path) -> None:
    """A picture refers to its own title and clip paths, not to those of an output above it."""
    folder = results(tmp_path)
    forth = flagbench.compare("none", "all", results_of=folder)._repr_html_()
    back = flagbench.compare("all", "none", results_of=folder)._repr_html_()
    assert ids(forth)
    assert not ids(forth) & ids(back)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', forth))
    assert used <= ids(forth)


def test_foreign_text_is_escaped(tmp_path: Path) -> None:
    """A scenario with markup in its name is text, in tables and in pictures."""
    folder = results(tmp_path, scenarios=("one", HOSTILE))
    for shown in (
        flagbench.compare("none", "all", results_of=folder),
        flagbench.attribute(HOSTILE, results_of=folder),
    ):
        html = shown._repr_html_()
        assert HOSTILE not in html
        assert "&lt;script&gt;" in html


def test_a_smaller_design_has_tables_and_says_why_no_picture(tmp_path: Path) -> None:
    """Shapley values need the full design, and so do the charts."""
    shown = flagbench.attribute("one", results_of=results(tmp_path, without="cache"))
    html = shown._repr_html_()
    assert "<table" in html
    assert not svgs(html)
    assert "Shapley values need the full design" in html


def test_of_many_scenarios_the_first_are_pictured(tmp_path: Path) -> None:
    """And a sentence says so; the table has all of them."""
    names = [f"scenario-{place}" for place in range(6)]
    folder = results(tmp_path, scenarios=names)
    html = flagbench.compare("none", "all", results_of=folder)._repr_html_()
    assert len(svgs(html)) == 2 * 4
    assert "the first 4 of 6 scenarios" in html
    assert all(name in html for name in names)
    titles = re.findall(r'<figcaption class="title">(\S+): ', html)
    assert titles == [name for name in names[:4] for _ in range(2)]


def test_on_a_phone_a_wide_table_scrolls_by_itself(tmp_path: Path, browser: "Browser") -> None:
    """The output is as wide as the screen, and an interval stands in one line."""
    folder = results(tmp_path, scenarios=("one", "two"))
    page = new_page(browser, viewport={"width": 390, "height": 844})
    page.set_content(flagbench.compare("none", "all", results_of=folder)._repr_html_())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scrolled = "[...document.querySelectorAll('.scroll')].some(e => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(scrolled)
    tallest = "Math.max(...[...document.querySelectorAll('tbody tr')].map(e => e.offsetHeight))"
    assert page.evaluate(tallest) < 40
    page.close()


def test_without_a_rate_there_is_a_table_and_a_reason(tmp_path: Path) -> None:
    """Nothing was proven or reviewed: that is unknown, and no point at 0 %."""
    folder = results(tmp_path, rates={}, artifacts=[])
    html = flagbench.compare("none", "all", results_of=folder)._repr_html_()
    assert "<table" in html
    assert not svgs(html)
    assert "No chart: neither side has a rate" in html
