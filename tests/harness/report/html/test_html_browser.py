"""The page in a real browser: quiet, alone, usable by keyboard, readable on phones and paper."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import whole_run
from chromium import new_page
from made_up_run import MARKUP, NOTHING_UNUSED, run

from flagbench.report import history
from flagbench.report.html.page import render
from flagbench.report.rendered import PAGE_FILE, Rendered
from flagbench.report.sections.build import answers
from flagbench.report.series_report import RunReport
from flagbench.run.options import Options

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CLAIMS = """\
sources: {d: {title: A document, about: a generator}}
claims:
  - {id: a, flag: templates, source: d, section: S, quote: q, low: 0.5,
     measure: {kind: reduction, metric: tokens, from: none, to: templates}, scenarios: [zz]}
  - {id: b, flag: batch, source: d, section: S, quote: half the time, why_not: no people here}
"""
FURTHER = ("waterfall", "interactions", "timeline", "claims", "trends")
WIDE, NARROW = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the run that nobody made, with every part that a page can have."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "claims.yaml").write_text(CLAIMS)
    options = Options(cassettes=folder, baselines=folder, reports=folder)
    for number in range(2):
        made = whole_run.run(scenario="zz", path=str(folder / "zz.yaml")).series
        whole = RunReport.of(whole_run.slower(one, number) for one in made)
        history.remember(whole, options)
    report = RunReport.of([*run().series, *whole.series])
    _, parts = answers(whole, options)
    Rendered(render(report, NOTHING_UNUSED, parts), b"", None).write(folder)
    return folder / PAGE_FILE


class Opened:
    """A page, and everything that it said or asked for."""

    def __init__(
        self, browser: "Browser", file: Path, size: tuple[int, int], scheme: str = "light"
    ) -> None:
        viewport = {"width": size[0], "height": size[1]}
        self.page: Page = new_page(browser, viewport=viewport, color_scheme=scheme)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())
        # Where to keep a picture for a person's eye.
        folder = os.environ.get("FLAGBENCH_SCREENSHOTS")
        if folder:
            name = f"report-{scheme}-{size[0]}.png"
            self.page.screenshot(path=Path(folder) / name, full_page=True)


@pytest.fixture
def opened(browser: "Browser", file: Path) -> Iterator[Opened]:
    """The page on a wide screen."""
    made = Opened(browser, file, WIDE)
    yield made
    made.page.close()


def shown(page: "Page") -> list[str]:
    """The series of the first scenario's table that are in sight, from the top."""
    rows = page.locator("#scenario-1 table.series tbody tr:visible th")
    return [text.strip() for text in rows.all_inner_texts()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_it_is_quiet_alone_and_no_wider_than_the_screen(
    browser: "Browser", file: Path, size: tuple[int, int], scheme: str
) -> None:
    """No word on the console, no request but the file itself, wide tables scroll in themselves."""
    made = Opened(browser, file, size, scheme)
    assert made.said == []
    assert made.asked == [file.as_uri()]
    assert made.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    made.page.close()


def test_dark_is_dark_and_print_is_always_light(browser: "Browser", file: Path) -> None:
    """Letters are light on dark there, the picture's too; paper stays white."""
    made = Opened(browser, file, WIDE, "dark")
    lightness = """(selector, property) => {
        const text = getComputedStyle(document.querySelector(selector))[property];
        return text.match(/[0-9.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 765;
    }"""
    colours = [("body", "backgroundColor"), ("h1", "color"), (".plot text", "fill")]

    def seen() -> list[bool]:
        return [made.page.evaluate(f"({lightness})(...{list(one)})") > 0.5 for one in colours]

    assert seen() == [False, True, True]
    made.page.emulate_media(media="print", color_scheme="dark")
    assert seen() == [True, False, False]
    made.page.close()


def test_nothing_in_a_text_runs(opened: Opened) -> None:
    """It is read as it was written."""
    assert opened.page.evaluate("window.ran") is None
    assert opened.page.locator("#scenario-2 h3").inner_text() == f"z <b>&: {MARKUP}"


def test_a_column_is_sorted_by_keyboard(opened: Opened) -> None:
    """Up, then down; by amount and not by letters; what has no value stays last."""
    page = opened.page
    assert shown(page) == ["none", "cache", "short", "all", "cache=deep"]
    head = page.locator("#scenario-1 table.series thead th").nth(1)
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert shown(page) == ["short", "all", "none", "cache", "cache=deep"]
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert shown(page) == ["cache", "none", "all", "short", "cache=deep"]
    assert head.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert shown(page) == ["short", "all", "none", "cache", "cache=deep"]
    assert opened.said == []


def test_series_are_filtered_by_keyboard(opened: Opened) -> None:
    """By name and by level; how many are left is told; all come back."""
    page = opened.page
    form = page.locator("#scenario-1 form")
    told = form.locator("output")
    assert told.inner_text() == "5 of 5 series"
    form.get_by_label("Series").focus()
    page.keyboard.type("CACHE")
    assert shown(page) == ["cache", "cache=deep"]
    assert told.inner_text() == "2 of 5 series"
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    page.keyboard.press("t")
    # A series that could not run has no levels: no filter by level hides it.
    assert shown(page) == ["cache", "all", "cache=deep"]
    form.get_by_role("button", name="Show all").focus()
    page.keyboard.press("Enter")
    assert len(shown(page)) == 5
    assert told.inner_text() == "5 of 5 series"


def test_series_are_filtered_by_verdict(opened: Opened) -> None:
    """Where there are several; a scenario with one verdict offers no choice."""
    page = opened.page
    page.locator("#scenario-1 form").get_by_label("verdict").select_option("BROKEN")
    assert shown(page) == ["short"]
    assert page.locator("#scenario-2 form").get_by_label("verdict").count() == 0


def test_every_picture_has_words_and_a_table(opened: Opened) -> None:
    """By its role and name, and folded below it."""
    page = opened.page
    figures = page.locator("figure").all()
    assert len(figures) == 4 + 2 + 4
    for one in figures:
        assert one.get_by_role("img").count() == 1
        title = one.locator("figcaption").inner_text()
        assert title in one.locator("svg > title").text_content()
        assert not one.locator("table").is_visible()
        one.locator("summary").focus()
        page.keyboard.press("Enter")
        assert one.locator("table").is_visible()


def test_every_further_part_is_reached_from_the_top(opened: Opened) -> None:
    """By keyboard: its entry brings it into sight."""
    page = opened.page
    for anchor in FURTHER:
        page.locator(f'nav a[href="#{anchor}"]').focus()
        page.keyboard.press("Enter")
        top = page.locator(f"#{anchor} h2").bounding_box()["y"]
        assert 0 <= top < WIDE[1]
    assert opened.said == []


def test_pointing_at_a_bar_tells_what_it_is(opened: Opened) -> None:
    """Its title is what a browser shows there."""
    bar = opened.page.locator("#timeline-1-bar-0-3")
    words = "request 1, backend: generate, 1.1 to 5.0 s, answered, 100 tokens"
    assert bar.locator("title").text_content() == words


def test_a_timeline_scrolls_in_itself_on_a_phone(browser: "Browser", file: Path) -> None:
    """By keyboard too, and its letters keep their size."""
    made = Opened(browser, file, NARROW)
    region = made.page.locator("#timeline figure .scroll").first
    region.press("ArrowRight")
    moved = "(one) => one.scrollLeft > 0"  # smoothly: not at once
    made.page.wait_for_function(moved, arg=region.element_handle())
    assert region.evaluate("(one) => one.scrollWidth > one.clientWidth")
    made.page.close()


def test_a_claim_is_a_card_on_a_phone(browser: "Browser", file: Path) -> None:
    """All of it is in sight without scrolling to the side."""
    made = Opened(browser, file, NARROW)
    box = made.page.locator("#claims tbody tr td").last.bounding_box()
    assert box["x"] + box["width"] <= NARROW[0]
    label = "getComputedStyle(document.querySelector('#claims td'), '::before').content"
    assert made.page.evaluate(label) == '"claimed"'
    made.page.close()


def test_paper_is_not_too_narrow(browser: "Browser", file: Path) -> None:
    """Nothing scrolls there: wide pictures shrink, and so do tables."""
    made = Opened(browser, file, (720, 1000))
    made.page.emulate_media(media="print")
    assert made.page.evaluate("document.documentElement.scrollWidth") <= 720
    assert made.page.locator(".plot.wide").first.bounding_box()["width"] <= 720
    made.page.close()


def test_the_mark_of_a_claim_covers_no_letter(browser: "Browser", file: Path) -> None:
    """On paper and on a screen: the name of the flag begins to the right of the colour."""
    made = Opened(browser, file, WIDE)
    gaps = """() => [...document.querySelectorAll('#claims tr[data-mark] th')].map((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        return text.getBoundingClientRect().left - cell.getBoundingClientRect().left;
    })"""
    for media in ("screen", "print"):
        made.page.emulate_media(media=media)
        found = made.page.evaluate(gaps)
        assert found and min(found) > 4, media
    made.page.close()


def test_letters_of_a_picture_are_not_small_on_a_phone(browser: "Browser", file: Path) -> None:
    """Ten pixels at the least."""
    made = Opened(browser, file, NARROW)
    height = made.page.evaluate(
        "Math.min(...[...document.querySelectorAll('.plot text')]"
        ".map((one) => one.getBoundingClientRect().height))"
    )
    assert height >= 10
    made.page.close()


def test_without_scripts_every_table_stands_whole(browser: "Browser", file: Path) -> None:
    """And there is no filter that would do nothing."""
    page = new_page(browser, java_script_enabled=False)
    page.goto(file.as_uri())
    assert len(shown(page)) == 5
    assert page.locator("form:visible").count() == 0
    assert page.locator("thead button").count() == 0
    page.close()
