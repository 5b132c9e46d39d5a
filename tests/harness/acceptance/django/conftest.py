"""A sandbox that the tests of projects share."""

from collections.abc import Callable, Iterator

import pytest
from small_project import LIMITS, clean

from flagbench.acceptance.django.case import ProjectCase
from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.prover import judge_case
from flagbench.acceptance.sandbox.sandbox import Sandbox


@pytest.fixture(scope="session")
def projects() -> Iterator[Sandbox]:
    """The sandbox of a run."""
    with Sandbox(WARM, limits=LIMITS) as one:
        yield one


@pytest.fixture
def prove(projects: Sandbox) -> Callable[[ProjectCase], Proof]:
    """Judges a case whose texts are known to be clean."""
    return lambda case: judge_case(case, projects, clean(case))
