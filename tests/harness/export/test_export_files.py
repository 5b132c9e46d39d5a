"""Tables and figures of a run as files: CSV, LaTeX, Parquet, SVG and PDF."""

import errno
import os
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pandas.core.arrays.arrow.extension_types
import pytest
from bench import Bench
from click.testing import CliRunner

from flagbench.cli.main import cli
from flagbench.errors import InputError
from flagbench.export import figures, tables
from flagbench.measurement import results
from flagbench.report.html.elements import elements

PAGE = """<style>:root { --ink: #1b1f24; --line: #d8dee4; }
@media { :root { --ink: #ffffff; } }</style>
<table id="table-a" class="x"><thead><tr><th>series</th><th>tokens</th><th>Δ</th><th>note</th></tr>
</thead><tbody>
<tr><th>none</th><td>1,234</td><td>control</td><td>50 %</td></tr>
<tr><th>all&amp;more</th><td>n/a</td><td>-7.5%</td><td>x_y</td></tr></tbody></table>
<figure id="figure-b"><svg class="plot" viewBox="0 0 360 250" role="img"><title>T</title>
<path d="M 10 10 L 300 200" style="stroke: var(--ink); fill: none"/>
<text x="20" y="40" style="fill: var(--line)">a label</text></svg>
<table id="table-b"><thead><tr><th>x</th></tr></thead><tbody><tr><th>1</th></tr></tbody></table>
</figure>
"""


def test_tables_have_numbers_where_they_are_numbers() -> None:
    """Thousands and per cents are read, what is absent is missing, other columns stay texts."""
    (found,) = [element for element in elements(PAGE) if element.name == "table-a"]
    header, *rows = found.rows
    frame = tables.frame(header, rows)
    assert list(frame.columns) == ["series", "tokens", "Δ (%)", "note"]
    assert list(frame["series"]) == ["none", "all&more"]
    assert frame["tokens"][0] == 1234
    assert pd.isna(frame["tokens"][1]) and pd.isna(frame["Δ (%)"][0])
    assert frame["Δ (%)"][1] == -7.5
    assert list(frame["note"]) == ["50 %", "x_y"]


def test_every_table_of_a_run_is_written(accepted: Bench, tmp_path: Path) -> None:
    """In each format, with the same figures; and the same bytes when it is written again."""
    accepted()
    written = tables.write(accepted.latest, tmp_path / "a", list(tables.FORMATS))
    again = tables.write(accepted.latest, tmp_path / "b", list(tables.FORMATS))
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in again]
    names = {path.stem for path in written}
    assert {"cells", "table-tiny-series", "table-inputs", "table-versions"} <= names
    csv = pd.read_csv(tmp_path / "a" / "table-tiny-series.csv")
    parquet = pd.read_parquet(tmp_path / "a" / "table-tiny-series.parquet")
    assert list(csv["tokens"]) == list(parquet["tokens"]) == [582, 102, 582, 102]
    latex = (tmp_path / "a" / "table-tiny-series.tex").read_text()
    assert r"\toprule" in latex and r"\bottomrule" in latex and r"$\Delta$" in latex
    assert "Δ" not in latex
    cells = pd.read_csv(tmp_path / "a" / "cells.csv")
    assert len(cells) == 8 and cells["prompt_tokens"].sum() > 0
    # A scenario has the same name in every table, without its title, so that they can be joined.
    glance = pd.read_csv(tmp_path / "a" / "table-at-a-glance.csv")
    same = pd.read_parquet(tmp_path / "a" / "table-at-a-glance.parquet")
    assert set(glance["scenario"]) == set(same["scenario"]) == set(cells["scenario"]) == {"tiny"}
    assert "Three small functions" not in (tmp_path / "a" / "table-at-a-glance.tex").read_text()


def test_a_number_of_latex_has_all_its_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven and more of them, and no power of ten."""
    (tmp_path / "report.html").write_text(
        PAGE.replace("1,234<", "1,234,567.25<").replace("n/a<", "0.00001234<")
    )
    monkeypatch.setattr(results, "load", lambda _: [])
    tables.write(tmp_path, tmp_path, ["latex", "csv"])
    latex = (tmp_path / "table-a.tex").read_text()
    assert "none & 1234567.25 &" in latex
    assert r"all\&more & 0.00001234 & -7.5 & x\_y" in latex


def test_a_list_of_numbers_is_no_number() -> None:
    """Commas are between thousands, or between trials."""
    frame = tables.frame(["trials", "tokens"], [["1,2", "1,200"], ["1,200", "12"]])
    assert list(frame["trials"]) == ["1,2", "1,200"]
    assert list(frame["tokens"]) == [1200, 12]


@pytest.mark.parametrize("kind", ["csv", "latex", "parquet", "svg", "pdf"])
def test_a_full_disk_leaves_the_file_of_an_earlier_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Whole, as it was; the error names it."""
    if kind == "pdf":
        pytest.importorskip("typst")
    write = figures.write if kind in figures.FORMATS else tables.write
    (tmp_path / "report.html").write_text(PAGE)
    monkeypatch.setattr(results, "load", lambda _: [])
    first, *_ = write(tmp_path, tmp_path / "paper", [kind])
    before = first.read_bytes()

    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "report.html").write_text(PAGE.replace("1,234", "5").replace("a label", "other"))
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left") as error:
        write(tmp_path, tmp_path / "paper", [kind])
    assert error.value.filename == str(first)
    assert first.read_bytes() == before


def test_a_figure_stands_alone() -> None:
    """Without variables of the page, in the colours of its light theme."""
    ((name, svg),) = figures.figures(PAGE)
    assert name == "figure-b"
    assert "var(" not in svg and "#1b1f24" in svg and "#ffffff" not in svg
    root = ElementTree.fromstring(svg)  # noqa: S314  a text of this file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height")) == ("360", "250")


def test_a_pdf_is_the_same_each_time(tmp_path: Path) -> None:
    """One page with the text of the figure's fonts, without a date."""
    pytest.importorskip("typst")
    (tmp_path / "report.html").write_text(PAGE)
    written = figures.write(tmp_path, tmp_path / "a", ["svg", "pdf"])
    assert [path.name for path in written] == ["figure-b.svg", "figure-b.pdf"]
    again = figures.write(tmp_path, tmp_path / "b", ["pdf"])
    assert written[1].read_bytes() == again[0].read_bytes()
    assert written[1].read_bytes().startswith(b"%PDF-")
    assert b"DejaVuSans" in written[1].read_bytes()


def test_a_run_without_a_page_has_no_figures(tmp_path: Path) -> None:
    """One clear error with its fix."""
    with pytest.raises(InputError, match=r"no report\.html"):
        figures.write(tmp_path, tmp_path / "a", ["svg"])


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("UNFINISHED", "A later run", "has not ended"),
        ("summary.json", '{"interrupted": true}', "the run was interrupted"),
        ("summary.json", '{"interrupted": false, "shard": "1/2"}', "it is a shard, 1/2"),
    ],
)
@pytest.mark.parametrize("option", ["--tables=csv", "--figures=svg"])
def test_a_part_of_a_run_is_not_exported(
    tmp_path: Path, option: str, file: str, text: str, what: str
) -> None:
    """A table for a paper does not say that series are missing."""
    run = tmp_path / "latest"
    run.mkdir()
    (run / "report.html").write_text(PAGE)
    (run / file).write_text(text)
    into = tmp_path / "paper"
    found = CliRunner().invoke(cli, ["export", str(run), option, "--into", str(into)])
    assert isinstance(found.exception, InputError)
    assert what in str(found.exception)
    assert not into.exists()
