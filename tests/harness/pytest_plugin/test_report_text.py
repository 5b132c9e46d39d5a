"""What a run shows and writes, to the letter."""

import shutil

import pytest
from bench import Bench

TERMINAL = """\
tiny: Three small functions
3 request(s), 2 trials, simulated provider (standing in for gpt-4o-mini)
series    tokens        Δ  seconds        Δ      US$  approved  accepted  baseline  verdict
none         582  control      5.1  control   0.0001      100%       n/a     +0.0%  KEPT
short        102   -82.5%      3.1   -38.0%  0.00004      100%       n/a     +0.0%  KEPT
parallel     582    +0.0%      1.7   -66.6%   0.0001      100%       n/a     +0.0%  KEPT
all          102   -82.5%      1.0   -79.3%  0.00004      100%       n/a     +0.0%  KEPT
Performance Optimization Summary (tiny::all, per request):
   Time: 0.3s (↓79.3% vs control)
   Tokens: 34 (↓82.5% vs control)

Mean per trial of the whole session; Δ against `none` of the same recordings; approved: by the \
generator's own review; accepted: proven by running it; baseline: change of tokens against the \
accepted value; time: exact unless said otherwise.
Reports: {latest}
4 KEPT
"""

MARKDOWN = """\
# flagbench: 3 KEPT, 1 BROKEN

- **BROKEN** `scenarios/tiny.yaml::all`
  - `token_reduction is 0.824742, target: >= 99 %`

Answers from: `simulated provider (standing in for gpt-4o-mini)`. Means per trial, `none` → `all`:

| scenario | verdict | tokens | seconds | US$ | approved | accepted |
|---|---|---|---|---|---|---|
| `tiny` | 1 BROKEN, 3 KEPT | 582 → 102 (-82.5%) | 5.1 → 1.0 (-79.3%) | 0.0001 → 0.00004 | \
100% → 100% | n/a |

Digest of all cells: `{digest}`.
"""


def shown(text: str) -> str:
    """What a run shows under its own heading, without blanks at the ends of lines.

    Nor the files for which no cell is known: in this process they are those of other tests.
    """
    lines = [line.rstrip() for line in text.splitlines() if "no cell is known: " not in line]
    start = next(at for at, line in enumerate(lines) if " flagbench ==" in line) + 1
    end = next(at for at in range(start, len(lines)) if lines[at].startswith("===="))
    return "\n".join(lines[start:end]).strip() + "\n"


def test_the_terminal_shows_a_table_and_the_headline(accepted: Bench) -> None:
    """Every line of it."""
    result = accepted()
    assert shown(result.stdout.str()) == TERMINAL.format(latest=accepted.latest)


def test_quiet_shows_no_table_and_writes_it_all_the_same(accepted: Bench) -> None:
    """`-q` is quiet."""
    result = accepted("-q")
    assert "flagbench ==" not in result.stdout.str()
    assert (accepted.latest / "report.md").exists()


def test_the_markdown_report_says_first_what_is_wrong(accepted: Bench) -> None:
    """Fit for the summary of a CI job."""
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    accepted()
    expected = MARKDOWN.format(digest=accepted.summary()["digest"])
    assert (accepted.latest / "report.md").read_text() == expected


def test_the_summary_for_programs(accepted: Bench) -> None:
    """Its form, and one series whole."""
    accepted()
    summary = accepted.summary()
    assert summary.pop("inputs")["command"] == "flagbench run scenarios/tiny.yaml"
    assert {**summary, "digest": "", "scenarios": list(summary["scenarios"])} == {
        "schema_version": 1,
        "digest": "",
        "interrupted": False,
        "crashes": 0,
        "scenarios": ["tiny"],
    }
    tiny = summary["scenarios"]["tiny"]
    assert {**tiny, "series": list(tiny["series"])} == {
        "title": "Three small functions",
        "provider": "simulated",
        "model": "gpt-4o-mini",
        "requests": 3,
        "trials": 2,
        "series": ["all", "none", "parallel", "short"],
    }
    assert tiny["series"]["parallel"] == {
        "verdict": "KEPT",
        "attempts": 1,
        "broken": [],
        "reason": "",
        "remark": "",
        "warnings": [],
        "metrics": {
            "approval_rate": 1.0, "calls": 3.0, "completion_tokens": 54.0, "cost_reduction": 0.0,
            "prompt_tokens": 528.0, "seconds": 1.686, "short_rate": 0.0, "time_reduction": 0.666205,
            "token_reduction": 0.0, "tokens": 582.0, "usd": 0.0001116,
        },
    }  # fmt: skip


def test_what_could_not_run_has_no_figures(accepted: Bench) -> None:
    """And series with the same reason stand together."""
    accepted.house.cassette(2).unlink()
    result = accepted()
    text = shown(result.stdout.str())
    (line,) = (one for one in text.splitlines() if one.startswith("short"))
    assert line.split() == ["short", *["n/a"] * 7, "none", "COULD", "NOT", "RUN"]
    report = (accepted.latest / "report.md").read_text()
    assert report.startswith(
        "# flagbench: 4 COULD NOT RUN\n\n"
        "- **COULD NOT RUN** `scenarios/tiny.yaml::none and 3 more`\n"
        "  - `cassettes/simulated/tiny/2.yaml: this trial has no cassette; "
        "fix: flagbench record scenarios/tiny.yaml`\n"
    )
    assert "| `tiny` | 4 COULD NOT RUN | n/a | n/a | n/a | n/a | n/a |" in report


def test_another_provider_is_named_as_what_it_is(accepted: Bench) -> None:
    """Nobody takes the simulated one for a vendor's model, nor the other way round."""
    accepted("--flagbench-provider", "openai", "--flagbench-model", "gpt-4o", "-k", "short")
    assert "provider openai, model gpt-4o" in (accepted.latest / "report.md").read_text()


@pytest.mark.thorough
def test_unused_recordings_are_listed(accepted: Bench) -> None:
    """With their places, when every series of the scenario was run; not otherwise."""
    accepted.house.edit("  - a function that says hello\n", "")
    result = accepted()
    for trial in (1, 2):
        result.stdout.fnmatch_lines([
            f"cassettes/simulated/tiny/{trial}.yaml: "
            "2 recording(s) used by no combination: 2, 5"
        ])  # fmt: skip
    assert "used by no combination" in (accepted.latest / "report.md").read_text()
    assert "used by no combination" not in accepted("-k", "short").stdout.str()
    assert "used by no combination" not in accepted("--flagbench-design", "full").stdout.str()


def test_the_recordings_of_a_control_outside_the_design_are_used(accepted: Bench) -> None:
    """Every series is held against it, so they are not to be deleted."""
    accepted.house.edit("trials: 2", "trials: 2\ndesign: named\ncombinations: [all]")
    assert "used by no combination" not in accepted("--flagbench-accept-baselines").stdout.str()


def test_warnings_of_the_subject_are_counted(accepted: Bench, subject_module: object) -> None:
    """One line for the same words, in however many series and trials."""
    dotted = subject_module("""
from tiny import Happened, write
async def run(requests, flags, client, *, listener, **more):
    listener(Happened("low_warning", "r", {"message": "template usage is low"}))
    if flags["TINY_SHORT"] == "true":
        listener(Happened("plain_warning", "r"))
    return await write(requests, flags, client, listener=listener, **more)
run.factors = write.factors
""")
    accepted.house.edit("tiny.write", dotted)
    text = accepted().stdout.str()
    assert "warning: template usage is low (4 of 4 series)\n" in text
    assert "warning: plain_warning (2 of 4 series)\n" in text
    series = accepted.summary()["scenarios"]["tiny"]["series"]
    assert series["short"]["warnings"] == ["plain_warning", "template usage is low"]


@pytest.mark.thorough
def test_a_long_design_shows_its_landmarks_and_what_is_not_kept(accepted: Bench) -> None:
    """`-v` shows every series, and the files have them in any case."""
    factors = ", ".join(f"f{n}: {{env: F{n}}}" for n in range(5))
    accepted.house.edit("trials: 2\n", f"trials: 2\nfactors: {{{factors}}}\n")
    accepted.house.edit('  all:\n    token_reduction: ">= 20 %"', "  f0+f1:\n    tokens: '< 1'")
    result = accepted("--flagbench-accept-baselines")
    text = shown(result.stdout.str())
    rows = [line.split()[0] for line in text.splitlines() if line.endswith(("KEPT", "BROKEN"))][:-1]
    assert rows == [
        "none", "f0", "f1", "f0+f1", "f2", "f3", "all-f4", "f4", "all-f3", "all-f2", "all-f1",
        "all-f0", "all",
    ]  # fmt: skip
    assert "19 more series were KEPT; -v shows them, summary.json has them" in text
    assert len(accepted.summary()["scenarios"]["tiny"]["series"]) == 32
    assert "| `tiny` | 1 BROKEN, 31 KEPT |" in (accepted.latest / "report.md").read_text()
    whole = shown(accepted("-v", "--flagbench-accept-baselines").stdout.str())
    assert "more series were KEPT" not in whole
    assert len([line for line in whole.splitlines() if line.endswith(("KEPT", "BROKEN"))]) == 33


@pytest.mark.parametrize("folder", ["reports", "baselines"])
def test_a_run_that_cannot_write_does_not_begin(accepted: Bench, folder: str) -> None:
    """A file stands where the folder should be: one error, and no series runs."""
    place = accepted.house.path / folder
    if place.is_dir():
        shutil.rmtree(place)
    place.write_text("in the way")
    result = accepted("--flagbench-accept-baselines")
    said = result.stdout.str()
    assert f"{folder} is a file expected: a folder" in said
    assert said.count("in the way") == 0
    assert "Error" not in said.replace("_pytest.outcomes.Exit", "")
    assert result.ret == 2


def twice(bench: Bench) -> None:
    """A second scenario with the recordings of the first."""
    text = bench.house.scenario_file.read_text().replace("Three small", "The same three")
    bench.house.write(text, "again.yaml")
    recordings = bench.house.cassettes / "simulated"
    (recordings / "again").mkdir()
    for path in (recordings / "tiny").iterdir():
        text = path.read_text().replace("scenario: tiny", "scenario: again")
        (recordings / "again" / path.name).write_text(text)


def test_several_scenarios_have_a_row_each_and_verbosely_their_tables(accepted: Bench) -> None:
    """In the order of their names, but what was not kept first."""
    twice(accepted)
    accepted("--flagbench-accept-baselines")
    short = shown(accepted().stdout.str())
    rows = [line.split()[:3] for line in short.splitlines() if " KEPT " in line]
    assert rows == [["again", "4", "KEPT"], ["tiny", "4", "KEPT"]]
    assert "Three small functions" not in short
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    first, reason, *others = shown(accepted().stdout.str()).splitlines()
    assert first == "- BROKEN scenarios/tiny.yaml::all"
    assert reason == "  - token_reduction is 0.824742, target: >= 99 %"
    assert [line.split()[0] for line in others if " KEPT " in line] == ["tiny", "again"]
    text = shown(accepted("-v").stdout.str())
    assert text.index("again: The same three functions") < text.index("tiny: Three")


@pytest.mark.thorough
def test_a_row_without_all_shows_the_cheapest_series_by_name(accepted: Bench) -> None:
    """A scenario of a single switch has figures, too."""
    twice(accepted)
    accepted("--flagbench-accept-baselines")
    short = shown(accepted("-k", "none or short").stdout.str())
    assert "tiny → short" in short
    assert "582 → 102 (-82.5%)" in short
