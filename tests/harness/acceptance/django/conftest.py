"""A sandbox that the tests of projects share."""

from collections.abc import Callable, Iterator

import pytest
from small_project import LIMITS, clean

from harness.acceptance.asking import WARM
from harness.acceptance.django.case import ProjectCase
from harness.acceptance.proof import Proof
from harness.acceptance.prover import judged
from harness.acceptance.sandbox import Sandbox


@pytest.fixture(scope="session")
def projects() -> Iterator[Sandbox]:
    """The sandbox of a run, with less patience."""
    with Sandbox(WARM, limits=LIMITS) as one:
        yield one


@pytest.fixture
def prove(projects: Sandbox) -> Callable[[ProjectCase], Proof]:
    """Judges a case whose texts are known to be clean."""
    return lambda case: judged(case, projects, clean(case))
