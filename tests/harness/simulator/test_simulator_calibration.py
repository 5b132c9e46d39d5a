"""The provider is like its sources where it says so; the published table is the measured one."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from flagbench.cli import simulated_vs_real as command
from flagbench.cli.main import cli
from flagbench.simulator.calibration.samples import Samples
from flagbench.simulator.calibration.table import Row, markdown, measured
from flagbench.tokenizer import o200k_counter

TABLE = Path(__file__).parents[3] / "docs" / "simulated-against-real.md"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every figure, measured."""
    return measured(Samples(o200k_counter().count))


@pytest.mark.thorough
def test_every_calibrated_figure_fits(rows: list[Row]) -> None:
    """A figure that claims to be calibrated lies in the interval of its source."""
    assert [(row.figure.name, row.simulated) for row in rows if row.fits is False] == []
    assert sum(row.fits is True for row in rows) >= 25


def test_a_figure_that_is_not_calibrated_says_why(rows: list[Row]) -> None:
    """What differs from the source is in the table, with its reason."""
    assert all(row.figure.note for row in rows if row.fits is None)


def test_the_published_table_is_the_measured_one(rows: list[Row]) -> None:
    """docs/simulated-against-real.md has each line that the command prints."""
    text = TABLE.read_text(encoding="utf-8").split("\n")
    assert [line for line in markdown(rows) if line not in text] == []


def test_the_command_fails_outside_an_interval(
    rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It prints the table, and a figure outside ends it with 1 and its name."""
    wrong = [replace(rows[0], simulated=rows[0].figure.high + 1), *rows[1:]]
    for shown, code in ((rows, 0), (wrong, 1)):
        monkeypatch.setattr(command, "measured", lambda _, shown=shown: shown)
        result = CliRunner().invoke(cli, ["simulated-vs-real"])
        assert result.exit_code == code
        assert result.stdout.split("\n")[2].endswith(" |")
    assert "outside the interval of their source: routes that cannot be imported" in result.stderr
