"""The published statistics of the public experiment, from the figures of its runs."""

from pathlib import Path

import pytest

from flagbench.errors import InputError
from flagbench.reproduction.experiment import check, statistics
from flagbench.reproduction.stated import Despite
from flagbench.reproduction.verdict import Verdict


@pytest.fixture(autouse=True)
def fewer_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the bootstrap samples, which costs a second less in each test."""
    monkeypatch.setattr(statistics, "_RESAMPLES", 2_000)


def test_every_published_figure_comes_out_again() -> None:
    """308 figures with their digits, 42 drawn limits within the error of drawing."""
    found = list(check.figures(check.RUNS))
    assert [figure for figure in found if not figure.agrees] == []
    assert sum(figure.is_drawn for figure in found) == 42
    assert len(found) == 350


def test_other_runs_are_refused_or_named(tmp_path: Path) -> None:
    """A changed table is another input; in spite of it, the figures that differ are named."""
    path = tmp_path / "runs.csv"
    text = check.RUNS.read_text()
    path.write_text(text.replace("baes,01335fc4,18,35167", "baes,01335fc4,18,45167"))
    refused = check.reproduce([path], Despite())
    assert refused.verdict is Verdict.REFUSED
    assert str(path) in str(refused)
    compared = check.reproduce([path], Despite(["runs.csv"]))
    assert compared.verdict is Verdict.DIFFERS
    assert "tokens_in baes mean: published 35750.29, made 35850.29" in str(compared)


@pytest.mark.parametrize("text", ["", "framework,run\nbaes,1\n", "\x00", "framework\n"])
def test_a_file_that_is_no_table_of_runs(tmp_path: Path, text: str) -> None:
    """One clear error with the columns that were expected."""
    path = tmp_path / "runs.csv"
    path.write_text(text)
    with pytest.raises(InputError, match="expected: a table of runs"):
        check.reproduce([path], Despite())
