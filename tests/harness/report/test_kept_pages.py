"""A run that measures the same as an earlier one takes its page from there, and renders nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bench import Bench
from house import House

from flagbench.checked_rows import CheckedRows
from flagbench.report import kept_pages, publish, series_report
from flagbench.report.kept_pages import FILE_NAME
from flagbench.report.rendered import PAGE_FILE, TABLE_FILE
from flagbench.report.series_report import SeriesReport

CLAIM = """\
claims:
- flag: short
  metric: token_reduction
  claimed: 0.5
  scenario: tiny
  document: d
  section: s
"""


@pytest.fixture
def measured(house: House) -> list[SeriesReport]:
    """The reports of the tiny scenario's series."""
    scenario, runner = house.scenario, house.runner()
    declared = [each.id for each in scenario.combinations]
    return [
        series_report.report_of(
            scenario, one, place=place, is_own_design=True, series=runner.series(scenario, one),
            reason="", declared=declared,
        )
        for place, one in enumerate(scenario.combinations)
    ]  # fmt: skip


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each page that is really rendered, by an installation that is settled."""
    pages, original = list[str](), publish._render
    monkeypatch.setattr(kept_pages, "installation", lambda: ("one", True))
    monkeypatch.setattr(
        publish, "_render", lambda *given: pages.append(given[0].headline) or original(*given)
    )
    return pages


def finish(house: House, series: Sequence[SeriesReport], **overrides: object) -> dict[str, bytes]:
    """The files of a run, without what its proofs took."""
    options = house.options(proofs=house.path / ".flagbench", **overrides)
    folder = publish.finish(series, options, root=house.path, interrupted=False).folder
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_results_render_nothing(
    house: House, measured: list[SeriesReport], rendered: list[str]
) -> None:
    """Every file has the same bytes, in whatever order the series ended."""
    first = finish(house, measured)
    assert len(rendered) == 1
    for name in (PAGE_FILE, TABLE_FILE):
        (house.options().latest / name).unlink()
    assert finish(house, measured[::-1]) == first
    assert len(rendered) == 1
    assert finish(house, measured, replay_all=True) == first
    assert len(rendered) == 2


def test_the_page_says_how_this_run_went(
    house: House, measured: list[SeriesReport], rendered: list[str]
) -> None:
    """What it took from an earlier one has the walls and the known cells of today."""
    first = finish(house, [replace(one, walls="limits") for one in measured])
    known = [replace(one, known_cells=len(one.cells)) for one in measured]
    page = finish(house, known)[PAGE_FILE]
    assert len(rendered) == 1
    assert page == finish(house, known, replay_all=True)[PAGE_FILE]
    assert b"run behind: limits." in first[PAGE_FILE]
    assert b"cells were known" not in first[PAGE_FILE]
    assert b"run behind" not in page
    assert b"8 of 8 cells were known" in page


def _another_figure(_: House, series: SeriesReport) -> SeriesReport:
    cells = [replace(series.cells[0], tokens=series.cells[0].tokens + 1), *series.cells[1:]]
    return replace(series, cells=cells)


def _an_older_run(house: House, series: SeriesReport) -> SeriesReport:
    path = house.options().reports / "history" / "tiny.jsonl"
    path.write_text(path.read_text() * 2)
    return series


def _a_claim(house: House, series: SeriesReport) -> SeriesReport:
    (house.scenario_file.parent / "claims.yaml").write_text(CLAIM)
    return series


def _an_unused_recording(_: House, series: SeriesReport) -> SeriesReport:
    return replace(series, recorded=dict.fromkeys(series.recorded, 99))


CHANGES: dict[str, Callable[[House, SeriesReport], SeriesReport]] = {
    "figure": _another_figure,
    "cause": lambda _, series: replace(series, causes=[("a prompt changed", "-a\n+b")]),
    "reason": lambda _, series: replace(series, stale=["it asks otherwise"]),
    "stored run": _an_older_run,
    "claim": _a_claim,
    "unused": _an_unused_recording,
    "title": lambda _, series: replace(series, title="Another"),
    "attempts": lambda _, series: replace(series, attempts=2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_page_shows_is_never_that_of_another_run(
    house: House, measured: list[SeriesReport], rendered: list[str], change: str
) -> None:
    """One of its inputs changed: the page is that of a run that keeps nothing."""
    before = finish(house, measured)[PAGE_FILE]
    changed = [CHANGES[change](house, measured[0]), *measured[1:]]
    after = finish(house, changed)[PAGE_FILE]
    assert after != before
    assert after == finish(house, changed, replay_all=True)[PAGE_FILE]


def test_what_no_file_for_programs_has_is_not_on_the_page(
    house: House, measured: list[SeriesReport]
) -> None:
    """What the series' lines leave out does not count, so no page may show it."""
    other = [
        replace(
            one, cpu_seconds=9.0, local_cpu_seconds=9.0, local_work="much", noise={"tokens": 1.0},
            proving={"made": 1, "kept": 2, "seconds": 3.0}, texts={"0": "a text"},
        )
        for one in measured
    ]  # fmt: skip
    page = finish(house, measured, replay_all=True)[PAGE_FILE]
    assert finish(house, other, replay_all=True)[PAGE_FILE] == page


def test_another_installation_renders_anew(
    house: House,
    measured: list[SeriesReport],
    rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that is being changed keeps nothing and takes nothing."""
    finish(house, measured)
    for digest, is_settled in (("two", True), ("one", False), ("three", False), ("three", True)):
        rendered.clear()
        monkeypatch.setattr(kept_pages, "installation", lambda d=digest, s=is_settled: (d, s))
        finish(house, measured)
        assert len(rendered) == 1


def test_a_damaged_page_is_rendered(
    house: House, measured: list[SeriesReport], rendered: list[str]
) -> None:
    """Never one that is not what was kept."""
    first = finish(house, measured)
    kept = house.path / ".flagbench" / FILE_NAME
    kept.write_bytes(kept.read_bytes().replace(b'{"ends": [', b'{"ends": [1'))
    for suffix in ("-wal", "-shm"):
        Path(f"{kept}{suffix}").unlink(missing_ok=True)
    assert finish(house, measured) == first
    assert len(rendered) == 2


def test_a_second_run_takes_the_page_of_the_first(bench: Bench) -> None:
    """A run that keeps nothing writes the same bytes."""
    assert bench.apart("scenarios").returncode in (0, 1)
    first = (bench.latest / PAGE_FILE).read_bytes()
    store = CheckedRows(bench.house.path / ".flagbench" / FILE_NAME, "pages")
    (key,) = store.everything()
    for option in ((), ("--flagbench-no-proof-cache",)):
        bench.apart("scenarios", *option)
        assert list(store.everything()) == [key]
        assert (bench.latest / PAGE_FILE).read_bytes() == first
