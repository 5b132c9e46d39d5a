"""Exceptions of subjects: the line is the subject's own, and a recorded refusal is named."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from house import House
from replay import HEAD, SYNC_HEAD, Stopped

from flagbench.run import subject_errors


def test_an_exception_within_a_library_is_told_with_the_line_that_called_it(
    stopped: Stopped,
) -> None:
    """A line of Python's own files is no place to look for the mistake."""
    told = stopped("import json\njson.loads('no')")
    place, _, rest = told.partition(": the subject raised JSONDecodeError: ")
    assert rest
    assert "json/" not in place
    assert place.endswith(f":{HEAD.count(chr(10)) + 2}")


@pytest.mark.parametrize("head", [HEAD, SYNC_HEAD], ids=["async", "sync"])
def test_a_stop_iteration_is_told_as_any_other_exception(stopped: Stopped, head: str) -> None:
    """As `next` of nothing raises it; neither a coroutine nor a future takes it."""
    told = stopped("next(iter([]))", head)
    assert ": the subject raised StopIteration\n    expected: " in told
    assert told.partition(": the subject")[0].endswith(f":{head.count(chr(10)) + 1}")


@pytest.mark.parametrize(
    ("provider", "status", "is_named"),
    [("mine", 500, True), ("mine", 404, True), ("mine", 200, False), ("simulated", 500, False)],
)
def test_a_recorded_refusal_is_named_with_the_command_that_asks_again(
    house: House, provider: str, status: int, *, is_named: bool
) -> None:
    """It stays in the cassette, so that the same command would raise for ever."""
    scenario = replace(house.scenario, provider=provider)
    calls: list[Any] = [SimpleNamespace(interaction=SimpleNamespace(status=status))]
    with pytest.raises(ValueError, match="no") as caught:
        int("no")
    problem = subject_errors.problem_of(caught.value, scenario, calls)
    assert (f"as it is recorded, has the status {status}" in problem.what) is is_named
    assert ("--fresh (asks for everything again)" in problem.fix) is is_named
    assert subject_errors.problem_of(caught.value, scenario, []).fix == ""
