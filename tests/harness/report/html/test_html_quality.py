"""The pictures of quality against cost."""

import re

from made_up_run import metrics_of, run, series

from flagbench.report.html import quality


def test_a_picture_for_what_was_proven_and_one_for_what_was_approved() -> None:
    """Both tell their frontier in words and have every series in the table behind them."""
    members = run().by_scenario()["s"]
    accepted, approved = quality.pictures("scenario-1", "s", members)
    assert accepted.description == (
        "On the frontier, cheapest first: short (US$ 0.0090, 40.0%); all (US$ 0.0310, 100.0%)"
    )
    assert accepted.behind.columns == ("series", "US$ per trial", "share", "frontier")
    assert accepted.behind.rows == [
        ("short", "0.0090", "40.0%", "yes"),
        ("all", "0.0310", "100.0%", "yes"),
        ("none", "0.1000", "50.0%", "no"),
        ("cache", "0.1200", "90.0%", "no"),
    ]
    assert approved.description == "On the frontier, cheapest first: short (US$ 0.0090, 100.0%)"


def test_every_point_is_pointed_at_in_words() -> None:
    """The two series that people look for are named in the picture too."""
    svg = next(quality.pictures("scenario-1", "s", run().by_scenario()["s"])).figure.svg
    assert svg.count('class="point"') == 4
    assert "<title>cache: US$ 0.1200, 90.0%</title>" in svg
    assert ">none</text>" in svg
    assert ">all</text>" in svg
    assert ">cache</text>" not in svg


def test_what_was_not_measured_is_not_drawn() -> None:
    """No acceptance, no picture of it; nothing measured, no picture at all."""
    unproven = dict.fromkeys(("usd", "tokens", "approval_rate"), 1.0)
    titles = [one.title for one in quality.pictures("a", "s", [series("none", unproven)])]
    assert titles == ["Approved: by the generator's own review"]
    assert list(quality.pictures("a", "s", [series("none", {})])) == []


def test_without_a_price_it_is_against_tokens() -> None:
    """And a subject that asked nothing is drawn at nothing."""
    metrics = {"tokens": 0.0, "acceptance_rate": 1.0}
    (picture,) = quality.pictures("a", "s", [series("none", metrics)])
    assert picture.description.endswith("none (0 tokens, 100.0%)")
    assert picture.behind.columns[1] == "tokens per trial"


def test_of_many_equal_series_the_known_names_come_first() -> None:
    """And how many more there are."""
    names = ("a", "b", "c", "d", "e", "all")
    assert quality.join_names(names) == "all, a, b, c and 2 more"
    assert quality.join_names(names[:5]) == "a, b, c, d, e"
    many = [series(name, metrics_of(100)) for name in names]
    assert "all, a, b, c and 2 more (" in next(quality.pictures("x", "s", many)).description


def test_a_name_at_the_bottom_stands_above_the_numbers_of_the_axis() -> None:
    """A series of which nothing was accepted is named within the chart."""

    def height(svg: str, text: str) -> float:
        found = re.search(
            rf'<text\b[^>]*?(?: y="([\d.]+)"|translate\([\d.]+ ([\d.]+)\))[^>]*>{text}<', svg
        )
        assert found, svg
        return float(found[1] or found[2])

    low, high = ({"tokens": 9.0, "acceptance_rate": share} for share in (0.0, 1.0))
    bottom, top = (
        next(quality.pictures("a", "s", [series("none", one)])).figure.svg for one in (low, high)
    )
    assert height(bottom, "none") < height(bottom, "0 %")
    assert height(top, "none") > height(top, "100 %")


def legend(**costs: float) -> str:
    """What is said of the markers of a scenario with these series."""
    members = [series(name, metrics_of(cost)) for name, cost in costs.items()]
    return quality.legend(quality.pictures("x", "s", members)).partition("otherwise.")[2].strip()


def test_the_legend_says_what_is_drawn() -> None:
    """No marker that no chart has, and in a comparison of two both of them."""
    assert legend(none=3, all=2, cache=1) == "The square is `none`. The diamond is `all`."
    assert legend(none=3, cache=2, short=1) == "The square is `none`."
    assert legend(Cache=3, short=2, templates=1) == ""
    assert legend(Cache=3, short=2) == "The square is `short`. The diamond is `Cache`."
    assert legend(none=3, cache=2) == "The square is `none`. The diamond is `cache`."
    assert legend(all=3, cache=2) == "The square is `cache`. The diamond is `all`."
    assert legend(none=3, all=3) == "The square is `none`."
    svg = next(quality.pictures("x", "s", [series("cache", metrics_of(2)),
                                           series("short", metrics_of(1))])).figure.svg  # fmt: skip
    assert ">cache</text>" in svg
    assert ">short</text>" in svg
