"""The file of accepted steps: written small, read whole or refused."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagbench.errors import InputError
from flagbench.measurement.trace_rows import (
    Trace,
    TracedFile,
    TracedProof,
    TracedRate,
    TracedRecording,
    TraceStep,
)
from flagbench.verdict import baseline_trace
from flagbench.verdict.baseline_trace import OtherVersion, _places, _ranges

A = TraceStep(1, 1, "backend", "generate", "ab", 10, 5)
B = TraceStep(1, 2, "", "cache_hit")
C = TraceStep(2, 1, "Prüfung", "review", "cd", 7, 1)
FULL = Trace(
    steps=(A, A._replace(pause_seconds=2.5, beside=3, detail="cancelled after 1.000 s"), B, C),
    files=(TracedFile(1, 1, "a.py", "ef", approved=True),),
    proofs=(
        TracedProof(1, 1, "a.py", "", ""),
        TracedProof(1, 1, "b.py", "form", "no\nfield \ud800"),
    ),
    rates=(TracedRate(1, "hit_rate", 1, 2),),
    recordings=(TracedRecording(1, "01", 0.5),),
)
NO_PLACES = dict.fromkeys(("steps", "files", "proofs", "rates", "recordings"), "")


def file(
    rows: dict[str, Any] | None = None, series: dict[str, Any] | None = None, **kinds: Any
) -> str:
    """The text of a file of this version, with what is wrong in it."""
    whole = {**dict.fromkeys(NO_PLACES, ()), **kinds}
    content = {
        "schema_version": 2,
        "rows": whole if rows is None else rows,
        "series": series or {},
    }
    return json.dumps({"digest": baseline_trace.digest_of(content), **content})


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    """Repeated steps, no steps, and letters beyond ASCII."""
    path = baseline_trace.path_of(tmp_path, "shop")
    assert path.name == "shop.steps.json"
    traces = {"all": Trace(), "none": FULL, "other": Trace(steps=(A, A, B, C))}
    baseline_trace.save(path, traces)
    assert baseline_trace.load(path) == traces
    assert "Prüfung" in path.read_text(encoding="utf-8")


def test_a_step_is_written_once(tmp_path: Path) -> None:
    """Combinations share most of what they do."""
    path = tmp_path / "shop.steps.json"
    baseline_trace.save(path, {"all": Trace((A, B, C)), "none": Trace((A, B, C, C))})
    assert path.read_text(encoding="utf-8").count('"generate"') == 1
    assert '"steps": "0-2 2"' in path.read_text(encoding="utf-8")


@given(st.lists(st.integers(0, 30)).map(sorted))
def test_places_survive_as_ranges(places: list[int]) -> None:
    """Whatever is repeated or left out."""
    assert _places(_ranges(places)) == places


def test_no_file_is_no_steps(tmp_path: Path) -> None:
    """A baseline may be older than its steps."""
    assert baseline_trace.load(tmp_path / "shop.steps.json") == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", file(rows={}), file(steps=[["a"]]), file(rates=[[1, "x", 1, 2, 3]]),
     file(series={"none": {"steps": "0"}}), file(series={"none": {**NO_PLACES, "steps": "0"}}),
     file(series={"none": {**NO_PLACES, "steps": "x"}})],
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
    a, b, c = Trace((A,)), Trace((B,)), Trace((C,))
    old = {"none": a, "gone": b, "all": a}
    assert baseline_trace.merge(old, {"all": c}, ["all", "none"]) == {"all": c, "none": a}


@pytest.mark.parametrize("version", [1, 3])
def test_a_file_of_another_version_is_refused_by_its_number(tmp_path: Path, version: int) -> None:
    """A run may go on without it, and accepting replaces it."""
    path = tmp_path / "shop.steps.json"
    path.write_text(f'{{"schema_version": {version}, "steps": [], "series": {{}}}}')
    with pytest.raises(OtherVersion, match=f"schema version {version} is unknown") as caught:
        baseline_trace.load(path)
    assert "--accept-baselines" in str(caught.value)


def test_a_flipped_bit_is_refused_or_harmless(tmp_path: Path) -> None:
    """300 flips at places of a fixed seed: no other trace is read, and no other error raised."""
    path, chance = tmp_path / "shop.steps.json", random.Random(1)  # noqa: S311
    baseline_trace.save(path, {"none": FULL, "all": Trace((A, B))})
    traces, whole = baseline_trace.load(path), path.read_bytes()
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            assert baseline_trace.load(path) == traces
        except OtherVersion:
            pytest.fail("a damaged file counts as one of another version")
        except InputError as error:
            assert "--accept-baselines" in str(error)
            refused += 1
    assert refused > 200
