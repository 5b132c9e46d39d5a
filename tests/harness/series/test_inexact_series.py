"""A series whose time is not exact says so; its baseline tolerates what was measured as noise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import command_house
from scripted_provider import scripted_provider

from flagbench.measurement.summary import Summary, spread
from flagbench.verdict import baseline


@pytest.mark.thorough
def test_label_and_own_work(tmp_path: Path) -> None:
    """Terminal, Markdown, HTML and rows have the label; own seconds are in words alone."""
    house = command_house(tmp_path, 'ask("a")')
    with scripted_provider() as provider:
        house.record(provider.base_url)
    run = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(house.scenario_file)]
    made = subprocess.run(
        [*run, "--flagbench-accept-baselines"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "time: events" in made.stdout
    assert "the command itself takes" in made.stdout
    latest = tmp_path / "reports" / "latest"
    assert "time: events" in (latest / "report.md").read_text()
    assert "time: events" in (latest / "report.html").read_text()
    cells = (latest / "cells.jsonl").read_text()
    assert json.loads(cells.splitlines()[0])["time"] == "events"
    subprocess.run(run, cwd=tmp_path, capture_output=True, check=True)
    assert (latest / "cells.jsonl").read_text() == cells


def test_baseline_tolerates_noise() -> None:
    """Three times what a metric differed by, unless that is tolerated anyway; never less."""
    runs = [Summary("s", "none", 1, 1, {"seconds": value, "calls": 2}) for value in (9.0, 10.0)]
    noise = spread(runs)
    assert noise == {"seconds": 1.0}
    noisy = Summary("s", "none", 1, 1, {"seconds": 10.0, "calls": 2.0}, noise)
    made = baseline.accept(None, [noisy], provider="p", declared=["none"])
    assert made.series["none"]["seconds"].tolerance == pytest.approx(3.0)
    assert made.series["none"]["calls"].tolerance == pytest.approx(0.02)
    quiet = Summary("s", "none", 1, 1, {"seconds": 10.0, "calls": 2.0})
    again = baseline.accept(made, [quiet], provider="p", declared=["none"])
    assert again.series["none"]["seconds"].tolerance == pytest.approx(3.0)
