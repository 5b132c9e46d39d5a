"""How a run of pytest ended, in the exit codes of `flagbench`."""

from types import SimpleNamespace

import pytest

from flagbench.errors import CouldNotRun, Problem
from flagbench.pytest_plugin.exit_status import CannotBegin, ExitStatusPlugin

KEPT = SimpleNamespace(failed=False, when="call", flagbench={"outcome": "KEPT"})
BROKEN = SimpleNamespace(failed=True, when="call", longrepr="BROKEN a.yaml::none\nwhy")
PROVISIONAL = SimpleNamespace(failed=True, when="call", longrepr="PROVISIONAL a.yaml::none\nwhy")
LOST = SimpleNamespace(failed=True, when="setup", longrepr="COULD NOT RUN\nwhy")
BAD_FILE = SimpleNamespace(failed=True, when="setup", longrepr="WRONG INPUT\nwhy")
CRASHED = SimpleNamespace(failed=True, when="???", longrepr="worker 'gw0' crashed")


@pytest.mark.parametrize(
    ("reports", "status", "code"),
    [
        ([KEPT], 0, 0),
        ([KEPT, BROKEN], 1, 1),
        ([KEPT, LOST], 1, 3),
        ([KEPT, CRASHED], 1, 3),
        ([LOST, BROKEN], 1, 1),
        ([BROKEN, BAD_FILE], 1, 2),
        ([KEPT, PROVISIONAL], 1, 4),
        ([PROVISIONAL, LOST], 1, 3),
        ([BROKEN, PROVISIONAL], 1, 1),
        ([PROVISIONAL], 3, 3),
        ([], 5, 2),
        ([], 4, 2),
        ([], 3, 3),
    ],
)
def test_exit_codes(reports: list[SimpleNamespace], status: int, code: int) -> None:
    """Wrong input, broken, could not run, provisional; and a bug is never KEPT."""
    tally = ExitStatusPlugin()
    for one in reports:
        tally.pytest_runtest_logreport(one)
    assert tally.exit_code(status) == code


def test_a_scenario_that_cannot_be_collected_is_wrong_input() -> None:
    """Whatever the others say."""
    tally = ExitStatusPlugin()
    tally.pytest_runtest_logreport(BROKEN)
    tally.pytest_collectreport(SimpleNamespace(failed=True))
    assert tally.exit_code(2) == 2


def test_an_interrupt_is_an_interrupt() -> None:
    """128 and SIGINT, as shells have it."""
    tally = ExitStatusPlugin()
    tally.pytest_runtest_logreport(KEPT)
    tally.pytest_keyboard_interrupt(SimpleNamespace(value=KeyboardInterrupt()))
    assert tally.exit_code(2) == 130


def test_a_run_that_cannot_begin_has_the_code_of_its_error() -> None:
    """It does not count as an interrupt."""
    tally = ExitStatusPlugin()
    error = CouldNotRun(Problem("a full disk", fix="make room"))
    tally.pytest_keyboard_interrupt(SimpleNamespace(value=CannotBegin(error)))
    assert tally.exit_code(2) == 3


def test_a_failed_collection_is_no_interrupt() -> None:
    """pytest ends it with an exception of the same family."""
    tally = ExitStatusPlugin()
    tally.pytest_collectreport(SimpleNamespace(failed=True))
    ended = pytest.Session.Interrupted("1 error during collection")
    tally.pytest_keyboard_interrupt(SimpleNamespace(value=ended))
    assert tally.exit_code(2) == 2
