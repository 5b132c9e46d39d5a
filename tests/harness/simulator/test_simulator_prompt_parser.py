"""The reader finds task and material by cues, not by the exact sentences of a prompt."""

import json
from typing import Any

import pytest
from prompts import generate, patch, path_of, recognise, review
from written_app import COURSE

from flagbench.simulator.crud.defects.defect import KINDS
from flagbench.simulator.prompt_parser import read, split_sections

CODE = "# Heading in code\nx = 1  # not a section\n"


def test_sections_leave_code_alone() -> None:
    """A comment in a fence is no heading."""
    found = split_sections("intro\n\n# One\n\n```python\n# Two\nx\n```\n\n## Three ##\ntext")
    assert [section.heading for section in found] == ["", "One", "Three"]
    assert found[1].code == "# Two\nx\n"


@pytest.mark.parametrize("kind", KINDS)
def test_tasks_of_the_contract(kind: str) -> None:
    """Each of the contract's prompts is understood, with kind, code and issues."""
    made = read(generate(kind, COURSE, current=CODE))
    assert (made.task, made.kind, made.current) == ("generate", kind, CODE)
    assert made.shape is not None and made.shape.entity == "Course"
    again = read(generate(kind, COURSE, rejected=CODE, issues=["one", "two"]))
    assert (again.task, again.kind, again.issues) == ("regenerate", kind, ("one", "two"))
    request = read(patch(kind, COURSE, CODE, ["one"]))
    assert (request.task, request.kind, request.current) == ("patch", kind, CODE)
    judged = read(review(kind, COURSE, CODE.rstrip()))
    assert (judged.task, judged.kind, judged.current) == ("review", kind, CODE)


@pytest.mark.parametrize(
    "words", ["Create Patch with version", "Create a Review with verdict and approved (boolean)"]
)
def test_words_of_a_request_do_not_decide_the_task(words: str) -> None:
    """A request about reviews or patches is still a request to recognise."""
    prompt = read(recognise(words))
    assert (prompt.task, prompt.request) == ("recognise", words)


def _reworded(heading: str, task: str, **more: Any) -> dict[str, Any]:
    specification = json.dumps(COURSE)
    user = f"## {heading}:\n~~~json\n{specification}\n~~~\n\n## Instructions\n{task}\n"
    messages = [{"role": "developer", "content": "Streamlit expert"},
                {"role": "user", "content": [{"type": "text", "text": user}]}]  # fmt: skip
    return {"model": "m", "messages": messages, **more}


@pytest.mark.parametrize("heading", ["What to build", "Entity", "SPEC", "Data model"])
@pytest.mark.parametrize(
    "task, kind",
    [("Please produce app/pages/course.py", "frontend"), ("I want the Streamlit page", "frontend"),
     ("Give me tests/test_course.py with pytest", "tests")],
)  # fmt: skip
def test_other_wordings(heading: str, task: str, kind: str) -> None:
    """Other headings, other fences, roles and content parts are understood alike."""
    prompt = read(_reworded(heading, task))
    assert (prompt.task, prompt.kind) == ("generate", kind)
    assert prompt.shape is not None and prompt.shape.table == "courses"


@pytest.mark.parametrize(
    "messages",
    [[{"role": "user", "content": "Write a haiku"}], [{"role": "system", "content": ""}],
     [{"role": "user", "content": "# Specification\n\n```json\n{broken \"entity\"\n```\n"}],
     [{"role": "user", "content": "```\nunclosed"}]],
)  # fmt: skip
def test_unknown_prompts_are_something_else(messages: list[dict[str, str]]) -> None:
    """What cannot be read is no crash."""
    assert read({"model": "m", "messages": messages}).task == "other"


def test_paths_decide_over_words() -> None:
    """The target path in the task wins over what system and standard talk about."""
    body = generate("database", COURSE)
    body["messages"][0]["content"] = "pytest, Streamlit, FastAPI router: all are mentioned."
    assert path_of("database", COURSE) in body["messages"][1]["content"]
    assert read(body).kind == "database"
