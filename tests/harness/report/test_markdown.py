"""`report.md`: verdict first, what changed, a row for each scenario, the claims; never 60 lines."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from whole_run import run, series

from flagbench.report.content import Claims
from flagbench.report.series_report import RunReport
from flagbench.report.text import markdown
from flagbench.report.unused_files import Unused

NOTHING_UNUSED = Unused({})
# What the comment column of a pull request shows without a bar to scroll it, roughly; cells of a
# table wrap, so that their longest words count and not their sum.
LINE, CELL = 240, 64


def worst() -> tuple[RunReport, Unused, Claims]:
    """Twelve scenarios and 192 series, every one broken in its own way, with nothing short."""
    long = "a reason that goes on " * 40
    members = [
        replace(
            series("none", f"scenario-{number:02}-{'with-a-long-name' * 6}"),
            combination="none" if place == 0 else f"flag-{place}+{'x' * 200}",
            place=place,
            outcome="BROKEN",
            broken=[f"{number} {place} {each}\n<img src=x> | {long}" for each in range(5)],
            causes=[(f"{each} another prompt {long}", "- a\n+ b\n" * 30) for each in range(9)],
            accepted={"tokens": 1.0, "seconds": 1.0},
            walls="no walls | at all",
            walls_missing=["seccomp", "landlock"],
            proving={"made": 1, "kept": 1, "seconds": 1.0},
        )
        for number in range(12)
        for place in range(16)
    ]
    unused = Unused({f"cassettes/{number}.yaml": tuple(range(40)) for number in range(30)})
    rows = [(long, "|", "of", "where", "measured", "finding")] * 40
    claims = Claims("claims: 1 confirmed, 39 refuted", ("a", "b", "c", "d", "e", "f"), rows)
    return RunReport.of(members, interrupted=True), unused, claims


def test_the_worst_run_stays_below_sixty_lines() -> None:
    """And every part of it is there, with what was left out counted."""
    told = markdown.lines(*worst())
    assert len(told) < 60
    text = "\n".join(told)
    assert told[0] == "# flagbench: 192 BROKEN (interrupted: not everything was run)"
    assert "more lines on series that were not kept: `report.html` has them" in text
    assert "- and 9 more scenarios that differ from the baseline: `report.html` has them" in text
    assert "2 more scenarios: `report.html` has them." in text
    assert text.count("\n| `scenario-") == 10
    assert "- and 28 more files: `report.html` has them" in text
    assert "- claims: 1 confirmed, 39 refuted; `report.html` has them" in text


def test_nothing_is_wider_than_a_comment() -> None:
    """Lines are cut, and so are cells; no cell breaks its row."""
    told = markdown.lines(*worst())
    columns = 0
    for before, line in pairwise(told):
        if line.startswith("|"):
            cells = line.replace("\\|", "").strip("|").split("|")
            assert max(len(cell.strip(" `")) for cell in cells) <= CELL
            columns = len(cells) if before == "" else columns
            assert len(cells) == columns
        else:
            assert len(line) <= LINE
    assert not any("\n" in line for line in told)


LIVE = (
    "![x](http://x.invalid/leak.png) @octocat [fix](http://x.invalid) <img src=x> | a\\| ``` "
    "www.x.invalid #1 :smile: \\` <!-- \n# heading\n- item `code` \x1b[31m \ud83d \u202e "
)


def test_a_text_is_no_markup() -> None:
    """Whatever has a text of others in it: only code spans, which nothing gets out of."""
    member = replace(
        series("none", f"s{LIVE}"),
        path=f"scenarios/{LIVE}.yaml",
        model=LIVE,
        combination=f"a={LIVE}",
        outcome="BROKEN",
        broken=[LIVE, LIVE * 9],
        causes=[(LIVE, LIVE)],
        accepted={"tokens": 1.0},
        attempts=2,
    )
    reason = replace(member, combination="b", outcome="COULD NOT RUN", reason=LIVE, attempts=3)
    claims = Claims("claims: 1 confirmed", ("a", "b"), [(LIVE, LIVE * 9)])
    told = markdown.lines(RunReport.of([member, reason]), Unused({f"c/{LIVE}": (1,)}), claims)
    columns = 0
    for before, line in pairwise(told):
        outside = re.sub("`[^`]*`", "", line)
        assert "`" not in outside
        assert not re.search(r"octocat|invalid|img|smile|heading|\x1b|\ud83d|\u202e", outside), line
        if line.startswith("|"):
            columns = line.count("|") if not before.startswith("|") else columns
            assert line.count("|") == columns
    assert "\n".join(told).count("@octocat") > 9
    "\n".join(told).encode()


def test_what_compares_numbers_stays_as_it_is() -> None:
    """A code span shows every character."""
    broken = run(["none"], outcome="BROKEN", broken=["tokens is 582, target: < 1"])
    assert "  - `tokens is 582, target: < 1`" in markdown.lines(broken, NOTHING_UNUSED)


def test_the_parts_stand_in_the_order_in_which_people_ask() -> None:
    """Verdict, what changed, scenarios, claims; tables have a blank line before them."""
    moved = [series("none"), series("all", accepted={"tokens": 300.0, "seconds": 6.0})]
    moved[1] = replace(
        moved[1], outcome="BROKEN", broken=["tokens left"], causes=[("a call more", "")]
    )
    claims = Claims("claims: 1 confirmed", ("flag", "claimed"), [("all", "≥ 75 %")])
    assert markdown.lines(RunReport.of(moved), NOTHING_UNUSED, claims)[:-1] == [
        "# flagbench: 1 KEPT, 1 BROKEN",
        "",
        "- **BROKEN** `scenarios/one.yaml::all`",
        "  - `tokens left`",
        "  - because: `a call more`",
        "",
        "- `one`: 1 of 2 series differ from the baseline, most of all `all`: tokens +18.3%",
        "",
        "Answers from: `simulated provider (standing in for gpt-4o-mini)`. "
        "Means per trial, `none` → `all`:",
        "",
        "| scenario | verdict | tokens | seconds | US$ | approved | accepted |",
        "|---|---|---|---|---|---|---|",
        "| `one` | 1 BROKEN, 1 KEPT | 1,005 → 355 (-65.0%) | 10.0 → 6.0 (-40.0%) "
        "| 0.0010 → 0.0003 | 100% → 100% | 75% → 100% |",
        "",
        "- claims: 1 confirmed; `report.html` has them",
        "",
        "| flag | claimed |",
        "|---|---|",
        "| `all` | `≥ 75 %` |",
        "",
        "- 2 refuted files: `report.html` has them",
        "",
    ]


def test_what_was_not_measured_is_told_so() -> None:
    """A scenario without `all`, and one that could not run."""
    text = "\n".join(markdown.lines(run(["none", "cache"]), NOTHING_UNUSED))
    assert "| `one → cache` | 2 KEPT | 1,005 → " in text
    lost = run(
        ["none"], metrics={}, cells=(), outcome="COULD NOT RUN", reason="no cassette\nmend it"
    )
    text = "\n".join(markdown.lines(lost, NOTHING_UNUSED))
    assert "  - `no cassette; mend it`" in text
    assert "| `one` | 1 COULD NOT RUN | n/a | n/a | n/a | n/a | n/a |" in text


def test_an_empty_run_is_told(tmp_path: Path) -> None:
    """In two lines."""
    markdown.write(RunReport.of([]), NOTHING_UNUSED, tmp_path)
    text = (tmp_path / "report.md").read_text()
    assert text.startswith("# flagbench: nothing was run\n\nDigest of all cells: `")


@pytest.mark.parametrize("accepted", [{"tokens": 1005.0, "seconds": 10.0}, {"tokens": 0.0}, {}])
def test_what_did_not_move_is_not_told(accepted: dict[str, float]) -> None:
    """Nor what has no baseline."""
    text = "\n".join(markdown.lines(run(["none"], accepted=accepted), NOTHING_UNUSED))
    assert "moved from" not in text


def test_what_moved_by_next_to_nothing_has_no_minus() -> None:
    """It is told, as +0.0 %."""
    little = series("all", metrics={"tokens": 9_999.0}, accepted={"tokens": 10_000.0})
    text = "\n".join(markdown.lines(RunReport.of([little]), NOTHING_UNUSED))
    assert "most of all `all`: tokens +0.0%" in text


def test_half_a_character_is_written(tmp_path: Path) -> None:
    """A generated file may hold one; UTF-8 cannot."""
    markdown.write(run(["none"], outcome="BROKEN", broken=["\ud800"]), NOTHING_UNUSED, tmp_path)
    assert "\\ud800" in (tmp_path / "report.md").read_text(encoding="utf-8")
