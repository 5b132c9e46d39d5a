"""The page: what is told, in which order, and that nothing in it can become markup."""

import re
from pathlib import Path

from made_up_run import MARKUP, NOTHING_UNUSED, cell, refuted, run, series
from markupsafe import escape

from flagbench.report.content import Grid, Part
from flagbench.report.html.page import render
from flagbench.report.rendered import Rendered
from flagbench.report.series_report import RunReport
from flagbench.report.unused_files import Unused


def page(report: RunReport | None = None) -> str:
    """The page of a run."""
    return render(report or run(), NOTHING_UNUSED)


def test_the_same_results_are_the_same_page() -> None:
    """In whatever order the series ended."""
    assert page(RunReport.of(reversed(run().series))) == page()


def test_the_sections_stand_in_the_order_in_which_people_ask() -> None:
    """Each has an entry in the navigation."""
    text = page()
    found = re.findall(r'<section id="([^"]*)"', text)
    assert found == ["verdict", "cost", "quality", "refuted", "provenance"]
    assert re.findall(r'<a href="#([a-z]*)"', text) == found


def test_the_verdict_is_the_first_thing_told() -> None:
    """Counts of every verdict, then what was not kept and why."""
    text = page()
    assert "<h1>4 KEPT, 1 BROKEN, 1 COULD NOT RUN</h1>" in text
    assert '<div class="verdict" data-outcome="BROKEN">' in text
    assert "<code>scenarios/s.yaml::short</code>" in text
    assert "token_reduction is 0.91, target: &gt;= 99 %" in text
    assert "scenarios/s.yaml: no cassette\nrecord it" in text


def test_a_run_that_was_interrupted_or_ran_nothing_says_so() -> None:
    """And is a whole page all the same."""
    text = page(RunReport.of([], interrupted=True))
    assert "<h1>Nothing was run (interrupted: not everything was run)</h1>" in text
    assert text.endswith("</html>\n")
    assert "Interrupted" not in page()


def test_no_text_becomes_markup() -> None:
    """Neither a title, nor a scenario's name, nor what a generated file said."""
    text = page()
    assert f"<h3>z &lt;b&gt;&amp;: {escape(MARKUP)}</h3>" in text
    assert "&lt;/td&gt;&lt;img" in text
    assert text.count("<script>") == 1
    assert "<img" not in text
    assert "<b>" not in text


def test_half_a_character_is_written_as_what_it_is(tmp_path: Path) -> None:
    """A generated file may hold one; UTF-8 cannot."""
    Rendered(page(), b"", None).write(tmp_path)
    assert "\\ud800" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_nothing_is_fetched() -> None:
    """Every address is a place on the page or a file beside it, and the page forbids the rest."""
    text = page()
    addresses = re.findall(r'\b(?:src|href|action|data)="([^"]*)"', text)
    assert {one.partition("/")[0] for one in addresses if not one.startswith("#")} == {
        "data:,", "artifacts",
    }  # fmt: skip
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(http" not in text


def test_no_id_is_there_twice() -> None:
    """A label or a reference would find the wrong one."""
    ids = re.findall(r'\sid="([^"]*)"', page())
    assert len(ids) == len(set(ids))


def test_the_example_of_a_refuted_file_is_found_whatever_its_name() -> None:
    """A name may hold what an address may not."""
    spoilt = cell(refuted=[refuted('app/a #1?".py')])
    text = page(RunReport.of([series(cells=[spoilt])]))
    assert f'<a href="artifacts/{"a" * 12}-a%20%231%3F%22.py">app/<wbr>a #1?&#34;.py</a>' in text


def test_unused_recordings_are_told() -> None:
    """With the provenance."""
    text = render(run(), Unused({"c/1.yaml": (0, 2)}))
    assert "<li>c/1.yaml: 2 recording(s) used by no combination: 1, 3</li>" in text


def test_what_there_is_no_data_for_has_no_place() -> None:
    """And what there is stands before the provenance, in its order, with its table."""
    ledger = Part(
        "ledger", "Claims", ["told"], grids=[Grid("c", ("x", "y"), [("1", "<2>")], ["bad"])]
    )
    text = render(run(), NOTHING_UNUSED, [Part("waterfall", "Savings by flag"), ledger])
    found = re.findall(r'<section id="([^"]*)"', text)
    assert found[3:] == ["refuted", "waterfall", "ledger", "provenance"]
    assert '<td data-label="y">&lt;2&gt;</td>' in text
    assert '<tr data-mark="bad"><th scope="row">1</th>' in text
    assert '<a href="#ledger">Claims</a>' in text


def test_what_changed_stands_folded_below_what_was_not_kept() -> None:
    """With the difference of the prompt, as text."""
    broken = series(outcome="BROKEN", broken=["x"], causes=[("another prompt", "- <a>\n+ b")])
    text = page(RunReport.of([broken]))
    assert "<summary>What changed: 1 cause</summary>" in text
    assert ">- &lt;a&gt;\n+ b</pre>" in text
    assert "What changed" not in page()


def test_192_series_stay_far_below_two_megabytes() -> None:
    """Of eight scenarios, each with two pictures."""
    metrics = run().series[0].metrics
    many = [
        series(
            f"a{place}+b+c+d", {**metrics, "usd": place + 1.0, "acceptance_rate": place / 24},
            scenario=f"s{number}", place=place,
        )
        for number in range(8)
        for place in range(24)
    ]  # fmt: skip
    assert len(page(RunReport.of(many)).encode()) < 1_000_000
