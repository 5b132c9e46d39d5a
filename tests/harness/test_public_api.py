"""What `import flagbench` offers: names that are imported late, and results for a notebook."""

import inspect
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_cells import row, write

import flagbench
from flagbench import extras


@pytest.mark.parametrize("name", flagbench.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    """It can be imported, and says what it is."""
    assert inspect.getdoc(getattr(flagbench, name))
    assert name in dir(flagbench)


def test_another_name_is_an_attribute_error() -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'load_cell'"):
        flagbench.load_cell  # type: ignore[attr-defined]  # noqa: B018


def test_importing_it_imports_nothing_else() -> None:
    """Pytest does so in every run of an environment that has it."""
    code = "import flagbench, sys; print([name for name in sys.modules if 'flagbench.' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two trials of two series, of which one saves half of the tokens."""
    write(
        tmp_path,
        [
            row(combination, trial=trial, tokens=(tokens + trial,), seconds=seconds, usd=None)
            for combination, tokens, seconds in (("none", 1000, 10.0), ("templates", 500, 5.0))
            for trial in (1, 2)
        ],
    )
    return tmp_path


def test_cells_are_a_frame(results: Path) -> None:
    """A row for each cell; a column for each plain field, flag and rate, cost and quality first."""
    frame = flagbench.load_cells(results)
    assert list(frame)[:6] == ["scenario", "combination", "trial", "tokens", "seconds", "usd"]
    assert list(frame["tokens"]) == [1001, 1002, 501, 502]
    assert list(frame["combination"]) == ["none", "none", "templates", "templates"]
    assert set(frame["flag.templates"]) == {"false", "true"}
    assert math.isnan(frame["usd"].astype(float)[0])
    assert not {"artifacts", "rates", "flags"} & set(frame.columns)


def test_two_series_are_compared(results: Path) -> None:
    """The metric that differs is there, with its means."""
    comparison = flagbench.compare("none", "templates", results_of=results)
    metric = comparison.metric("tokens")
    assert metric is not None


def test_a_flag_is_attributed(results: Path) -> None:
    """Its effect on tokens is what it saves; another scenario is an error that names it."""
    (scenario,) = set(flagbench.load_cells(results)["scenario"])
    attribution = flagbench.attribute(scenario, results_of=results)
    assert attribution.flags == ("templates",)
    with pytest.raises(flagbench.InputError, match="no cells of scenario 'other'") as caught:
        flagbench.attribute("other", results_of=results)
    assert caught.value.problems[0].expected == scenario


@pytest.mark.parametrize(
    ("files", "name", "found"),
    [
        ({}, "missing", "there is no such file or folder"),
        ({}, ".", "the folder is empty"),
        ({"a.csv": "x", "b.csv": "x"}, ".", "the folder has a.csv, b.csv"),
        ({f"{place}.csv": "" for place in range(5)}, ".", "0.csv, 1.csv, 2.csv and 2 more"),
        ({"cells.jsonl": ""}, ".", "no cells"),
        ({"a.csv": "model,score\n" * 9}, "a.csv", "none of its 9 lines is a row of results"),
    ],
    ids=["missing", "empty", "foreign", "many files", "no cells", "another kind of file"],
)
def test_what_has_no_results_is_one_error(
    tmp_path: Path, files: dict[str, str], name: str, found: str
) -> None:
    """It says what is there, what is expected, and the command that makes results."""
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    with pytest.raises(flagbench.InputError) as caught:
        flagbench.load_cells(tmp_path / name)
    (problem,) = caught.value.problems
    assert found in problem.what
    assert problem.expected
    assert problem.fix == "pytest scenarios/"


def test_a_comparison_without_results_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A combination is looked up in results, and there are none."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(flagbench.InputError, match="and nowhere has none") as caught:
        flagbench.compare("none", "all", results_of="nowhere")
    (problem,) = caught.value.problems
    assert problem.expected
    assert problem.fix == "pytest scenarios/"


@pytest.mark.parametrize("library", ["pandas", "matplotlib"])
@pytest.mark.parametrize(
    "use",
    [
        flagbench.load_cells,
        lambda folder: flagbench.compare("none", "templates", results_of=folder),
        lambda folder: flagbench.attribute("one", results_of=folder),
    ],
    ids=["load_cells", "compare", "attribute"],
)
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, results: Path, library: str, use: Callable[[Path], object]
) -> None:
    """With the command that installs it, before anything is read."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == library else True)
    with pytest.raises(extras.MissingExtra, match=r"pip install 'flagbench\[report\]'") as caught:
        use(results)
    assert f"needs {library}, not installed here" in str(caught.value)
