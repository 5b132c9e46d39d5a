"""Every page shows what was recorded and measured, and every link leads to a page."""

import re
from pathlib import Path

import pytest
from bench import Bench
from view_pages import links, pages_of

from flagbench.errors import InputError
from flagbench.measurement import split
from flagbench.view import addresses, export, pages, side_by_side
from flagbench.view.addresses import CellAddress
from flagbench.view.library import Library, NotThere
from flagbench.view.pages import Pages
from flagbench.view.paging import Paging


@pytest.mark.thorough
def test_every_link_leads_to_a_page(accepted: Bench) -> None:
    """From the overview on: scenarios, cells, pairs, recordings, and the whole report."""
    shown, seen, left = pages_of(accepted), set[str](), {"index.html"}
    while left:
        page = left.pop()
        seen.add(page)
        text = shown.page(page.partition("?")[0], {})
        left |= {
            link
            for link in links(text, page) - seen
            if link.endswith(".html") and link not in ("report.html", "search.html")
        }
    kinds = {page.partition("/")[2].partition(".")[0] for page in seen}
    assert {"index", "none", "all", "recording"} <= kinds
    assert "tiny/none.1@all.1.html" in seen


def test_an_export_is_whole(accepted: Bench, tmp_path: Path) -> None:
    """Every link on every page is a file; a folder with content is left alone."""
    shown, folder = pages_of(accepted), tmp_path / "a site"
    assert export.write(shown.library, folder) == len([*folder.rglob("*.html")]) - 1
    for path in folder.rglob("*.html"):
        if path.name != "report.html":
            for link in links(path.read_text(), path.relative_to(folder).as_posix()):
                assert (folder / link).is_file(), (path, link)
    with pytest.raises(InputError, match="has content"):
        export.write(shown.library, folder)


def test_a_cell_shows_its_calls_decisions_and_files(accepted: Bench) -> None:
    """Prompt and answer of each call, with tokens and time; each file with its text."""
    shown = pages_of(accepted)
    view = shown.library.cell("tiny", "none", 1)
    text = shown.page("tiny/none.1.html", {})
    assert len(view.calls) == view.row.calls == text.count('<li class="call"')
    assert sum(call.tokens or 0 for call in view.calls) == view.row.tokens
    assert max(call.ended_seconds for call in view.calls) <= view.seconds
    assert [file.proof for file in view.files] == ["not judged"] * len(view.row.artifacts)
    for file in view.files:
        assert f"<code>{file.path}</code>" in text


def test_the_calls_of_a_pair_are_all_there_and_its_difference_is_split(accepted: Bench) -> None:
    """Whatever the trials of the two cells; a cell beside itself has nothing but the same."""
    library = pages_of(accepted).library
    cells = [library.cell("tiny", *key) for key in library.keys("tiny")]
    for left in cells:
        for right in cells:
            pairs = side_by_side.align(left, right)
            tokens, seconds, usd = (
                split.of_cells(metric, left.row, right.row) for metric in split.METRICS
            )
            assert tokens.total == right.row.tokens - left.row.tokens
            assert tokens.rest == 0
            assert seconds.total == pytest.approx(right.row.seconds - left.row.seconds)
            assert abs(usd.rest) < 1e-6
            assert sum(pair.left is not None for pair in pairs) == left.row.calls
            assert sum(pair.right is not None for pair in pairs) == right.row.calls
            if left is right:
                assert {pair.kind for pair in pairs} == {"same"}


def test_a_pair_shows_the_changed_prompt(accepted: Bench) -> None:
    """As a diff, under the flag that differs."""
    text = pages_of(accepted).page("tiny/none.1@short.1.html", {})
    assert "<strong>short</strong> false → true" in text
    assert 'class="gd"' in text
    assert "prompt length at the same calls -" in text


def test_the_parts_of_a_scenario_are_those_of_the_report(accepted: Bench) -> None:
    """The same pictures, with the same descriptions; an export has them on the scenario's page."""
    shown = pages_of(accepted)
    whole = (accepted.latest / "report.html").read_text()
    exported = Pages(shown.library, is_served=False).page("tiny/index.html", {})
    told = re.compile(r'<p class="told">(.*?)</p>', re.DOTALL)
    for part in ("frontier", "waterfall", "interactions", "timeline"):
        descriptions = told.findall(shown.page(f"tiny/@{part}.html", {}))
        assert descriptions, part
        assert set(descriptions) <= set(told.findall(whole)), part
        assert set(descriptions) <= set(told.findall(exported)), part
    assert "Fewer than two runs" in shown.page("tiny/@trends.html", {})
    assert "No file was refuted." in shown.page("tiny/@refuted.html", {})
    with pytest.raises(NotThere):
        shown.page("tiny/@nothing.html", {})


def test_series_are_filtered_by_name(accepted: Bench) -> None:
    """By all words of a query; none is a sentence."""
    shown = pages_of(accepted)
    text = shown.page("tiny/index.html", {"series": "SHO"})
    assert ('"short, trial 1"' in text, '"all, trial 1"' in text) == (True, False)
    assert "No series is called so." in shown.page("tiny/index.html", {"series": "<i>"})


@pytest.mark.parametrize(
    ("asked", "items", "has_more"),
    [("1", [0, 1], True), ("3", [4], False), ("9", [], False), ("x", [0, 1], True),
     ("-1", [0, 1], True), ("", [0, 1], True), ("9" * 30, [0, 1], True)],
)  # fmt: skip
def test_a_long_list_comes_in_pages(asked: str, items: list[int], has_more: bool) -> None:
    """Counted or not; an address that somebody typed is the first page."""
    for whole in (range(5), iter(range(5))):
        page = Paging.of(whole, {"page": asked}, 2)
        assert (page.items, page.has_more) == (items, has_more)


def test_a_search_finds_prompts_and_answers(accepted: Bench) -> None:
    """In any case of letters, in one scenario or in all."""
    shown = pages_of(accepted)
    hits = list(shown.library.search("SAYS HELLO"))
    assert {hit.found for hit in hits} == {"says hello"}
    assert {hit.trial for hit in hits} == {1, 2}
    text = shown.page("search.html", {"q": "says hello"})
    assert f'href="tiny/recording.1.html#call-{hits[0].place}"' in text
    assert "0 calls with" in shown.page("search.html", {"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in shown.page("search.html", {"q": "<script>alert(1)</script>"})


@pytest.mark.parametrize(
    "path",
    ["x.html", "nobody/index.html", "tiny/x.html", "tiny/none.9.html", "tiny/no.1.html",
     "tiny/none.1@none.9.html", "../tiny/none.1.html"],
)  # fmt: skip
def test_what_is_not_part_of_the_run_is_not_there(accepted: Bench, path: str) -> None:
    """An address that somebody typed."""
    with pytest.raises(NotThere):
        pages_of(accepted).page(path, {})


def test_without_a_run_the_error_says_how_to_make_one(accepted: Bench) -> None:
    """And a file that is not a summary is none."""
    library = Library(accepted.house.options(), [])
    with pytest.raises(InputError, match="fix: flagbench run"):
        library.summary  # noqa: B018  it reads
    accepted.latest.mkdir(parents=True)
    (accepted.latest / "summary.json").write_text("[")
    with pytest.raises(InputError, match="not JSON"):
        library.summary  # noqa: B018  as above


@pytest.mark.parametrize("name", ["none", "a/b", "cache=disk", "a b", "ü", "50%", "a@b", "x.1"])
def test_addresses_are_read_as_they_are_written(name: str) -> None:
    """Whatever a combination is called."""
    cell, other = CellAddress(name, 12), CellAddress("none", 1)
    for file, parts in (
        (addresses.of_cell(name, cell), (cell,)),
        (addresses.of_pair(name, cell, other), (cell, other)),
    ):
        folder, _, leaf = file.rpartition("/")
        assert addresses.scenario_of(folder) == name
        assert addresses.parse(leaf) == parts
    assert addresses.parse(addresses.of_recording(name, 3).rpartition("/")[2]) == 3


def test_static_files_ask_for_nothing() -> None:
    """No address of another machine is in them."""
    for name in pages.STATIC:
        assert "http" not in pages.static(name)
