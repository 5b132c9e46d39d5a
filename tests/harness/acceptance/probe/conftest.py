"""The sandbox of a run, for what the probe does in it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from flagbench.acceptance.probe_client import WARM, ProbeClient
from flagbench.acceptance.processes import Processes
from flagbench.acceptance.sandbox.sandbox import Sandbox

Begin = Callable[[Mapping[str, str]], Any]


@pytest.fixture(scope="session")
def warm() -> Iterator[Sandbox]:
    """A sandbox whose children find everything imported."""
    with Sandbox(WARM) as one:
        yield one


@pytest.fixture
def begin(warm: Sandbox) -> Begin:
    """Begins a child that has these files, to be asked in the probe's commands."""

    @contextmanager
    def start(files: Mapping[str, str]) -> Iterator[ProbeClient]:
        with Processes(warm, files) as processes:
            yield ProbeClient(processes)

    return start
