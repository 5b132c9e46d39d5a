"""`flagbench attribute`: tables, JSON, and the claims beside."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from made_cells import row, write

from flagbench.cli.attribute import attribute_
from flagbench.errors import InputError

SETTINGS = ("none", "cache", "templates", "all")
SAVED = {"none": 0, "cache": 20, "templates": 500, "all": 510}
LEDGER = """
sources: {paper: {title: Paper, about: x}}
claims:
  - {id: a, flag: templates, source: paper, section: "1", quote: saves half, low: 0.6, high: 0.7,
     measure: {kind: reduction, metric: tokens, from: none, to: templates}, scenarios: [one]}
  - {id: b, flag: other, source: paper, section: "2", quote: flies, why_not: nothing flies here}
"""


def rows(scenario: str = "one", settings: tuple[str, ...] = SETTINGS) -> list[dict[str, Any]]:
    """Three trials of these settings."""
    return [
        row(name, scenario=scenario, trial=trial, tokens=(1000 + 10 * trial - SAVED[name],))
        for name in settings
        for trial in (1, 2, 3)
    ]


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A full design, one flag at a time, and a ledger."""
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("scenarios").mkdir()
    tmp_path.joinpath("scenarios", "claims.yaml").write_text(LEDGER, encoding="utf-8")
    every = [*rows(), *rows("part", SETTINGS[:3])]
    return write(tmp_path / "reports" / "latest", every)


def run(*arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(attribute_, list(arguments))


def test_a_full_design_has_shapley_values_that_add_up() -> None:
    """500 and 20 alone, 510 together: 495 and 15."""
    text = run("one").output
    assert "4 combinations (full design), 3 trial(s), simulated provider" in text
    (templates, cache) = (
        next(line for line in text.splitlines() if line.startswith(f"{flag} "))
        for flag in ("templates", "cache")
    )
    assert "-495   97.1%" in templates
    assert "-15    2.9%" in cache
    total = next(line for line in text.splitlines() if line.startswith("sum "))
    assert total.split() == ["sum", "-510", "100.0%"]


def test_a_smaller_design_says_what_is_mixed() -> None:
    """One flag at a time has no Shapley values, and main effects that are not the flag's own."""
    text = run("part").output
    assert "part of the full design" in text
    assert "Shapley values need the full design" in text
    assert "cache: mixed with -1.00 (cache x templates)" in text
    assert "mixed" in next(line for line in text.splitlines() if line.startswith("cache "))
    assert "not run" in text


def test_claims_stand_beside_what_was_measured() -> None:
    """Missed by how much; measured nowhere is told apart, and only with all scenarios."""
    text = run("one").output
    assert "60.0 to 70.0 %" in text
    assert "refuted: 11.0 pp below" in text
    assert "flies" not in text
    assert "“flies” (Paper): nothing flies here" in run().output


def test_json_has_effects_aliases_and_claims() -> None:
    """Of every scenario; the same bytes twice."""
    first = run("--json")
    told = json.loads(first.stdout)
    full, part = told["scenarios"]
    assert (full["scenario"], full["is_full"]) == ("one", True)
    assert sum(one["value"] for one in full["metrics"][0]["shapley"]) == pytest.approx(-510)
    assert part["aliased"]["cache"] == [["cache x templates", -1.0]]
    assert [one["finding"] for one in told["claims"]] == ["refuted", "not measurable here"]
    assert told["claims"][0]["claim"]["measure"]["from"] == "none"
    assert first.stdout == run("--json").stdout


def test_trials_that_a_series_lacks_are_named(tmp_path: Path) -> None:
    """They are left out of every series, since only trials of all are paired."""
    kept = [one for one in rows() if (one["combination"], one["trial"]) not in (
        ("all", 3), ("cache", 3), ("none", 1))]  # fmt: skip
    write(tmp_path / "reports" / "latest", kept)
    told = "left out, since series lack them: trial 1 (none), trial 3 (cache, all)"
    assert told in run("one").output
    (scenario,) = json.loads(run("--json").stdout)["scenarios"]
    assert scenario["trials"] == 1
    assert scenario["trials_left_out"] == {"1": ["none"], "3": ["cache", "all"]}


def test_a_flag_that_was_switched_with_another_only_is_not_estimable(tmp_path: Path) -> None:
    """Its column differs from a setting that nobody ran."""
    write(tmp_path / "reports" / "latest", rows(settings=("none", "all")))
    lines = run("one").output.splitlines()
    cache, templates = (
        next(line for line in lines if line.startswith(f"{flag} "))
        for flag in ("cache", "templates")
    )
    assert cache.split("  ")[-1].strip() == "mixed"
    assert templates.split("  ")[-1].strip() == "not estimable"
    assert templates.count("not run") == 2


def test_a_scenario_that_tells_nothing_keeps_no_other_from_being_told(tmp_path: Path) -> None:
    """One with two levels of a flag and no run of all: it is named, and alone it is an error."""
    levels = [row(f"cache={level}", scenario="odd", trial=1, tokens=(9,)) for level in "ab"]
    for one, level in zip(levels, "ab", strict=True):
        one["flags"] = {"cache": level}
    none = [row("none", scenario="odd", trial=1, tokens=(9,))]
    none[0]["flags"] = {"cache": "off"}
    write(tmp_path / "reports" / "latest", [*rows(), *none, *levels])
    what = "flag cache has the levels a, b, but `all` was not run"
    whole = run()
    assert whole.exit_code == 0, whole.exception
    assert f"not attributed: odd: {what}" in whole.output
    assert "4 combinations (full design)" in whole.output
    assert json.loads(run("--json").stdout)["not_attributed"] == {"odd": what}
    assert what in str(run("odd").exception)


def test_a_scenario_is_named_by_its_file_too() -> None:
    """As other commands have it."""
    assert run("scenarios/one.yaml").output == run("one").output


def test_wrong_input_is_told(tmp_path: Path) -> None:
    """An unknown scenario, results that are not there, a wrong ledger."""
    unknown = run("three")
    assert isinstance(unknown.exception, InputError)
    assert "expected: one, part" in str(unknown.exception)
    assert isinstance(run("one", "--results", "nowhere").exception, InputError)
    tmp_path.joinpath("scenarios", "claims.yaml").write_text("claims: 3\n", encoding="utf-8")
    assert isinstance(run("one").exception, InputError)
