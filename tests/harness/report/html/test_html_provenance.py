"""Where the figures come from."""

import platform

from made_up_run import cell, run, series

from flagbench.report.html import how_it_ran, provenance
from flagbench.report.series_report import RunReport


def test_nobody_takes_the_simulated_provider_for_a_vendors_model() -> None:
    """It stands in for a model; a real provider is named as what it is."""
    real = series(scenario="r", provider="smollm2-135m", model="SmolLM2", cells=[cell(model="x")])
    report = RunReport.of([*run().series, real])
    assert provenance.scenarios(report).rows == [
        ("r", "provider smollm2-135m, model SmolLM2", "x", "2", "1", "o200k_base", "2024-07-18"),
        ("s", "simulated provider (standing in for gpt-4o-mini)", "m", "2", "1", "o200k_base",
         "2024-07-18"),
        ("z <b>&", "simulated provider (standing in for gpt-4o-mini)", "m", "2", "1", "o200k_base",
         "no price"),
    ]  # fmt: skip


def test_a_scenario_that_could_not_run_has_its_declared_model() -> None:
    """And no tokenizer: nothing was counted."""
    (row,) = provenance.scenarios(RunReport.of([series(metrics={})])).rows
    assert row[2:] == ("gpt-4o-mini", "2", "1", "n/a", "no price")


def test_every_recording_is_told_once() -> None:
    """All series of a trial share it."""
    members = [series(cells=[cell(2), cell(1)]), series("all", cells=[cell(1), cell(2)], place=1)]
    assert provenance.recordings(RunReport.of(members)).rows == [
        ("s", "1", f"{1:064x}"),
        ("s", "2", f"{2:064x}"),
    ]


def test_versions_are_those_installed() -> None:
    """Of what a figure can change with."""
    versions = dict(provenance.versions().rows)
    assert versions["Python"] == platform.python_version()
    assert versions["vcrpy"][0].isdigit()


def test_the_walls_and_what_is_missing_of_them() -> None:
    """A missing wall is a warning."""
    told = how_it_ran.lines(
        RunReport.of([series(walls="limits", walls_missing=["seccomp"]), series("all")])
    )
    assert told == [
        "Generated files were run behind: limits.",
        "Warning: the sandbox lacks seccomp.",
    ]
    assert how_it_ran.lines(RunReport.of([series()])) == ["No generated file was run."]
