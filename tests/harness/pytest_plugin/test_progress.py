"""Lines on the progress of a long run."""

import re

import pytest
from bench import Bench

from flagbench.pytest_plugin import progress


def test_a_long_run_says_what_is_left(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each item here; a run that is short, as by default, says nothing."""
    bench("--flagbench-accept-baselines")
    assert "items in" not in str(bench().stdout)
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)
    said = str(bench().stdout)
    lines = re.findall(r"^flagbench: (\d+) of (\d+) items in \d+ s, about \d+ s left$", said, re.M)
    items = int(lines[0][1])
    assert lines == [(str(done), str(items)) for done in range(1, items)]


@pytest.mark.parametrize(
    ("seconds", "words"), [(4.4, "4 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_times_are_words(seconds: float, words: str) -> None:
    """Whole seconds, and minutes where there are any."""
    assert progress.in_words(seconds) == words
