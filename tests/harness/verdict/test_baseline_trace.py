"""The file of accepted steps: written small, read whole or refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagbench.errors import InputError
from flagbench.measurement.trace import TraceStep
from flagbench.verdict import baseline_trace
from flagbench.verdict.baseline_trace import _places, _ranges

A = TraceStep(1, 1, "backend", "generate", "ab", 10, 5)
B = TraceStep(1, 2, "", "cache_hit")
C = TraceStep(2, 1, "Prüfung", "review", "cd", 7, 1)


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    """Repeated steps, no steps, and letters beyond ASCII."""
    path = baseline_trace.path_of(tmp_path, "shop")
    assert path.name == "shop.steps.json"
    steps = {"all": [], "none": [A, A, B, C]}
    baseline_trace.save(path, steps)
    assert baseline_trace.load(path) == steps
    assert "Prüfung" in path.read_text(encoding="utf-8")


def test_a_step_is_written_once(tmp_path: Path) -> None:
    """Combinations share most of what they do."""
    path = tmp_path / "shop.steps.json"
    baseline_trace.save(path, {"all": [A, B, C], "none": [A, B, C, C]})
    assert path.read_text(encoding="utf-8").count('"generate"') == 1
    assert '"none": "0-2 2"' in path.read_text(encoding="utf-8")


@given(st.lists(st.integers(0, 30)).map(sorted))
def test_places_survive_as_ranges(places: list[int]) -> None:
    """Whatever is repeated or left out."""
    assert _places(_ranges(places)) == places


def test_no_file_is_no_steps(tmp_path: Path) -> None:
    """A baseline may be older than its steps."""
    assert baseline_trace.load(tmp_path / "shop.steps.json") == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"schema_version":2,"steps":[],"series":{}}',
     '{"schema_version":1,"steps":[],"series":{"none":"0"}}',
     '{"schema_version":1,"steps":[],"series":{"none":"x"}}',
     '{"schema_version":1,"steps":[["a"]],"series":{}}'],
)  # fmt: skip
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    """With the command that fixes it."""
    path = tmp_path / "shop.steps.json"
    path.write_text(text)
    with pytest.raises(InputError, match="--accept-baselines") as caught:
        baseline_trace.load(path)
    assert str(path) in str(caught.value)


def test_series_that_were_not_run_keep_their_steps() -> None:
    """And undeclared ones go."""
    old = {"none": [A], "gone": [B], "all": [A]}
    assert baseline_trace.merge(old, {"all": [C]}, ["all", "none"]) == {"all": [C], "none": [A]}
