"""The job of a request: what counts for its luck, and what is only wording."""

from typing import Any

import pytest
from prompts import generate, patch, recognise, review
from written_app import COURSE, STUDENT

from flagbench.simulator.job import job_of
from flagbench.simulator.prompt_parser import read


def _job(body: dict[str, Any]) -> dict[str, Any]:
    return job_of(body, read(body))


BASE = generate("backend", COURSE, current="x = 1\n")


@pytest.mark.parametrize(
    "other",
    [
        {**BASE, "max_tokens": 100},
        generate("backend", COURSE, current="x  =  1\n\n"),
        {**BASE, "messages": [{"role": "system", "content": "Be brief."}, BASE["messages"][1]]},
    ],
    ids=["a limit", "white space of code", "another standard"],
)
def test_the_same_job(other: dict[str, Any]) -> None:
    """Wording, limits and layout are no part of a job."""
    assert _job(other) == _job(BASE)


@pytest.mark.parametrize(
    "other",
    [
        generate("backend", COURSE, current="x = 2\n"),
        generate("tests", COURSE, current="x = 1\n"),
        generate("backend", STUDENT, current="x = 1\n"),
        generate("backend", COURSE, current="x = 1\n", rejected="y", issues=["It fails."]),
        patch("backend", COURSE, "x = 1\n", ["It fails."]),
        review("backend", COURSE, "x = 1\n"),
        {**BASE, "temperature": 0},
        {**BASE, "model": "gpt-4o"},
    ],
    ids=["code", "kind", "entity", "rejection", "patch", "review", "temperature", "model"],
)
def test_another_job(other: dict[str, Any]) -> None:
    """Material, kind of file, specification, task and parameters make a job."""
    assert _job(other) != _job(BASE)


def test_the_words_of_a_request_are_its_recognition() -> None:
    """Another request is another job; the recogniser's instructions are not."""
    first, second = recognise("Create a Student with a name."), recognise("Create a Room.")
    assert _job(first) != _job(second)
    reworded = {**first, "messages": [dict(first["messages"][0]), first["messages"][1]]}
    reworded["messages"][0]["content"] += " Be careful."
    assert _job(reworded) == _job(first)


def test_an_unknown_task_is_its_own_job() -> None:
    """Where nothing is understood, every word counts."""
    body = {"model": "m", "messages": [{"role": "user", "content": "Tell me a joke."}]}
    assert _job(body) == body
