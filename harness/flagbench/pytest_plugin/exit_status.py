"""Exit codes of the `flagbench` command for a run of pytest."""

import pytest

from flagbench.errors import ExitCode, FlagbenchError
from flagbench.pytest_plugin.heads import PROVISIONAL, WRONG_INPUT

_INTERRUPTED = 130


class CannotBegin(pytest.exit.Exception):  # type: ignore[name-defined,misc]  # pytest has no type for it
    """The end of a run before its first series, as an expected error is its reason."""

    def __init__(self, error: FlagbenchError) -> None:
        super().__init__(" ".join(str(error).split()), returncode=error.exit_code)


class ExitStatusPlugin:
    """A pytest plugin that notes outcomes which share an exit code in pytest."""

    NAME = "flagbench-exit-status"  # where pytest has a shard's

    def __init__(self) -> None:
        self._bad_input = False
        self._broken = False
        self._could_not_run = False
        self._provisional = False
        self._ended: int | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a scenario that cannot be collected: wrong input."""
        self._bad_input |= report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure: PROVISIONAL or BROKEN of a call, else no result or wrong input."""
        if not report.failed:
            return
        if str(report.longrepr).startswith(PROVISIONAL):
            self._provisional = True
        elif report.when == "call":
            self._broken = True
        elif str(report.longrepr).startswith(WRONG_INPUT):
            self._bad_input = True
        else:
            self._could_not_run = True

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note Ctrl-C; pytest also calls this when a failed collection ends a run."""
        if isinstance(excinfo.value, CannotBegin):
            self._ended = excinfo.value.returncode
        elif not isinstance(excinfo.value, pytest.Session.Interrupted):
            self._ended = _INTERRUPTED

    def exit_code(self, status: int) -> int:
        """The exit code; `status` is pytest's."""
        if self._ended is not None:
            return self._ended
        if self._bad_input or status in (
            pytest.ExitCode.USAGE_ERROR,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            return ExitCode.WRONG_INPUT
        if self._broken:
            return ExitCode.BROKEN
        is_failed = status == pytest.ExitCode.TESTS_FAILED
        if self._could_not_run or status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return ExitCode.COULD_NOT_RUN
        if self._provisional:
            return ExitCode.PROVISIONAL
        return ExitCode.COULD_NOT_RUN if is_failed else ExitCode.KEPT
