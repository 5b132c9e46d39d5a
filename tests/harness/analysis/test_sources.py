"""What A and B name."""

from pathlib import Path

import pytest
from made_cells import row, write

from flagbench.analysis.comparison import sources
from flagbench.errors import InputError


@pytest.fixture
def latest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The latest results, with three combinations; beside them older ones."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "older", [row("all", tokens=[7])])
    names = ("none", "all", "cache+templates")
    return write(tmp_path / "latest", [row(name) for name in names])


def test_a_combination_is_one_of_the_latest_run(latest: Path) -> None:
    """Also with its flags in another order."""
    side = sources.find("templates+cache", results=latest)
    assert (side.name, len(side.cells)) == ("cache+templates", 1)


def test_results_are_taken_whole_or_with_a_combination(latest: Path) -> None:
    """Without one it is all, or what --combination says."""
    assert sources.find("older", results=latest).cells[0].tokens == 7
    assert sources.find("latest::none", results=latest).cells[0].combination == "none"
    side = sources.find("latest", results=latest, combination="none")
    assert side.name == "latest::none"


def test_what_is_nothing_is_told_with_what_is_close(latest: Path) -> None:
    """A misspelled combination, scenario and results."""
    with pytest.raises(InputError, match="of latest: cache"):
        sources.find("cache+template", results=Path("latest"))
    with pytest.raises(InputError, match="unknown scenario 'two'") as caught:
        sources.find("none", results=latest, scenarios=["two"])
    assert caught.value.problems[0].expected == "one"
    with pytest.raises(InputError, match="unknown combination 'x'"):
        sources.find("older::x", results=latest)


def test_without_any_results_it_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh checkout."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="pytest scenarios/"):
        sources.find("none", results=tmp_path / "latest")
