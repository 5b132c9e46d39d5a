"""Sandboxes for the tests, with limits that are met quickly."""

from collections.abc import Iterator

import pytest
from attacks import EXECUTOR, HASTY, LIMITS, WARM, run

from flagbench.acceptance.sandbox.isolation import ALL, NAMESPACES
from flagbench.acceptance.sandbox.sandbox import Sandbox

TIERS = {"full": ALL, "no-namespaces": ALL - set(NAMESPACES)}


@pytest.fixture(scope="session", params=list(TIERS))
def tier(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with every wall, and one on a machine that forbids namespaces."""
    with Sandbox(WARM, limits=LIMITS, walls=TIERS[request.param]) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(tier: Sandbox) -> Iterator[Sandbox]:
    """A sandbox that, after whatever the test did to it, serves the next child."""
    yield tier
    assert run(tier, "result = 6 * 7") == 42


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with every wall; a test of one that this machine lacks is skipped."""
    with Sandbox(WARM, limits=LIMITS) as sandbox:
        if not sandbox.isolation.is_full:
            pytest.skip(f"this machine lacks {', '.join(sandbox.isolation.missing)}")
        with sandbox.child(EXECUTOR, {}):
            pass
        yield sandbox


@pytest.fixture(scope="session")
def hasty() -> Iterator[Sandbox]:
    """A sandbox with little time for an answer."""
    with Sandbox(WARM, limits=HASTY) as sandbox:
        yield sandbox
