"""The table of cases, which `make cases` prints too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from case import Case, Grade, grade
from openai import AsyncOpenAI
from project import run
from provider.server import running
from sampled import sampled
from table import CASES


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """The server of all cases."""
    with running() as url:
        yield url


@pytest.mark.parametrize("case", sampled(CASES, 6), ids=lambda case: case.name)
def test_a_case(case: Case, base_url: str, tmp_path: Path) -> None:
    """It is measured rightly, or refused in words that name the call."""
    if case.subject.startswith("responses") and not hasattr(AsyncOpenAI, "responses"):
        pytest.skip("this version of openai has no Responses API")
    answered, why = grade(case, run(case, tmp_path, base_url))
    assert answered != Grade.WRONG, why
