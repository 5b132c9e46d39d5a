"""The work of an optimizer, read from a request."""

import pytest

from flagbench.scenario.work import read

WORK = "operations: [api_validation]\nendpoints: [{endpoint: /x}]\n"


def test_work_is_read() -> None:
    """A method is GET unless the work says another."""
    work = read(WORK + "every_seconds: 0.5\n")
    assert (work.endpoints[0].method, work.every_seconds, work.measured) == ("GET", 0.5, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("operations: []", "operations"),
        ("operations: [guessing]", "operations.0"),
        ("operations: [api_validation]", "api_validation without endpoints"),
        ("operations: [sourcegraph_search]\nqueries: []", "without queries"),
        (WORK + "edit: {}", "edit: Extra inputs"),
        (WORK + "every_seconds: -1", "every_seconds"),
        ("operations: [api_validation]\nendpoints: [{endpoint: x}]", "endpoints.0.endpoint"),
        ("[", "not YAML"),
    ],
)
def test_wrong_work_is_named(text: str, problem: str) -> None:
    """With the place of the mistake."""
    with pytest.raises(ValueError, match=problem):
        read(text)
