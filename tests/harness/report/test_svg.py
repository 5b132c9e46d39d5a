"""A drawing becomes an SVG of the page."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flagbench.report.svg import ACCENT, KINDS, PAPER, QUIET, WIDE_PX, Figure, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(axes: "Axes") -> Mapping[str, str]:
    """A line, a point, a hatched bar and a text that a formula could be seen in."""
    axes.barh(0.2, 0.5, facecolor=PAPER, edgecolor=QUIET, hatch="//")
    axes.plot([0, 1], [0, 1], color=ACCENT)
    axes.plot(0.5, 0.5, marker="o", gid="point-0", color=ACCENT)
    axes.set_xlabel("US$ or A$")
    return {"point-0": "half <way> & $1"}


def picture(name: str = "p") -> str:
    """The picture as text."""
    return Figure(name, 'The "title"', "told <so>", draw).svg


def test_the_same_data_are_the_same_bytes() -> None:
    """No date, no random id."""
    assert picture() == picture()


def test_two_pictures_share_no_id() -> None:
    """Every id begins with the picture's name, and every reference finds its id."""
    ids = re.findall(r' id="([^"]*)"', picture("p") + picture("q"))
    assert len(ids) == len(set(ids))
    assert all(one.startswith(("p-", "q-")) for one in ids)
    used = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', picture("p"))
    assert used
    assert {one or other for one, other in used} <= set(ids)


def test_its_colours_are_those_of_the_page() -> None:
    """No colour of its own is left that a dark page would swallow."""
    assert "var(--accent)" in picture()
    assert "var(--quiet)" in picture()
    assert not re.search(r"#[0-9a-f]{6}", picture())


def test_it_says_nothing_about_the_rest_of_the_page() -> None:
    """No style sheet, no metadata, no namespaces, no letters of its own."""
    for foreign in ("<style", "metadata", "xmlns", "ns0:", "font-family", "http"):
        assert foreign not in picture()


def test_words_stand_for_the_picture_and_for_its_points() -> None:
    """Escaped, and never read as a formula."""
    told = picture()
    assert 'role="img" aria-labelledby="p-title p-told"' in told
    assert '<title id="p-title">The "title"</title><desc id="p-told">told &lt;so&gt;</desc>' in told
    assert 'id="p-point-0" class="point"><title>half &lt;way&gt; &amp; $1</title>' in told
    assert ">US$ or A$</text>" in told


def test_what_a_user_set_for_their_own_drawings_changes_nothing() -> None:
    """Nor does a drawing change what they set."""
    import matplotlib

    before = picture()
    with matplotlib.rc_context({"axes.linewidth": 30, "font.size": 30}):
        assert picture() == before
        assert matplotlib.rcParams["font.size"] == 30


def test_a_sheet_is_addressed_in_pixels_from_the_top_left() -> None:
    """Without scales; a wide one says so to the page."""

    def square(axes: "Axes") -> Mapping[str, str]:
        axes.barh(20, 30, left=10, height=20, color=KINDS[0], linewidth=0)[0].set_gid("square")
        return {}

    told = Figure("p", "t", "d", square, sheet(100, WIDE_PX)).svg
    assert told.startswith('<svg class="plot wide" viewBox="0 0 900 100"')
    assert 'id="p-square"><path d="M 10 10 L 40 10 L 40 30 L 10 30 z"' in told
    assert "var(--kind-1)" in told
    assert "<text" not in told
    assert Figure("p", "t", "d", square, sheet(100)).svg.startswith('<svg class="plot" ')
