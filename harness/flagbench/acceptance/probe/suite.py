"""A generated test suite, run once without and once with every mutant of the routes."""

import os
import sys
from typing import Any

from flagbench.acceptance.probe.mutants import MUTANTS, MutatedApplication, Switch

_MESSAGE_LINES = 3


class _Runs:
    """A pytest plugin that runs the collected items, and again for every mutant.

    For a mutant, only the items run whose answers it changes. An item that has caught a mutant
    runs again at the end without one: if it fails then too, it is flaky and has caught nothing.
    """

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.collected: list[str] = []
        self.failed: dict[str, str] = {}
        self.caught: dict[str, bool] = {}
        self.flaky: dict[str, str] = {}
        self.broken: list[str] = []

    def pytest_configure(self, config: Any) -> None:
        config.option.tbstyle = "native"  # the message is all that is used, and this is quick
        config.option.verbose = 0  # an option of the terminal, which pytest 8.0 asks for without it

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.broken.append(_last_lines(report.longreprtext))

    def pytest_runtestloop(self, session: Any) -> bool:
        self.collected = [item.nodeid for item in session.items]
        acting: dict[str, set[str]] = {}
        for item in session.items:
            self._switch.acting = acting[item.nodeid] = set()
            message = _failure(item)
            if message is not None:
                self.failed[item.nodeid] = message
        if not self.failed:
            self._run_mutants(list(session.items), acting)
        return True

    def _run_mutants(self, items: list[Any], acting: dict[str, set[str]]) -> None:
        catchers: dict[str, Any] = {}
        for mutant in MUTANTS:
            self._switch.mutant = mutant
            touched = [item for item in items if mutant in acting[item.nodeid]]
            catchers[mutant] = next((item for item in touched if _failure(item) is not None), None)
        self._switch.mutant = ""
        for item in {item.nodeid: item for item in catchers.values() if item}.values():
            message = _failure(item)
            if message is not None:
                self.flaky[item.nodeid] = message
        self.caught = {
            mutant: item is not None and item.nodeid not in self.flaky
            for mutant, item in catchers.items()
        }


def _failure(item: Any) -> str | None:
    """Run one item; its failure, None if it passed. A skipped test counts as a failure."""
    from _pytest.outcomes import Exit  # noqa: PLC0415  only the sandbox imports it
    from _pytest.runner import runtestprotocol  # noqa: PLC0415

    item._initrequest()  # as plugins that run a test again do
    try:
        reports = runtestprotocol(item, nextitem=None, log=False)
    except (KeyboardInterrupt, Exit) as error:  # they would end the run before the other items
        item.session._setupstate.teardown_exact(None)
        return f"{type(error).__name__}: {error}"
    for report in reports:
        if not report.passed:
            crash = getattr(report.longrepr, "reprcrash", None)
            return _first_lines(crash.message if crash else report.longreprtext) or report.outcome
    return None


def run(path: str, address: str) -> dict[str, Any]:
    """Run the suite without and with mutants; results by test and by mutant."""
    import pytest  # noqa: PLC0415  as above
    from starlette.testclient import TestClient  # noqa: PLC0415

    switch = Switch()
    runs = _Runs(switch)
    start = TestClient.__init__

    def start_mutated(self: Any, app: Any, *args: Any, **kwargs: Any) -> None:
        start(self, MutatedApplication(app, address, switch), *args, **kwargs)

    TestClient.__init__ = start_mutated  # type: ignore[method-assign]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # unraisableexception collects garbage several times at the end, which is slow after warming up
    off = ("cacheprovider", "terminal", "faulthandler", "unraisableexception", "junitxml")
    quiet = [word for name in off for word in ("-p", f"no:{name}")]
    pytest.main(
        [*quiet, "--rootdir=.", "--confcutdir=.", "-c", os.devnull, "--", path], plugins=[runs]
    )
    sys.stdout.flush()
    return {
        "collected": runs.collected,
        "broken": runs.broken,
        "failed": runs.failed,
        "caught": runs.caught,
        "flaky": runs.flaky,
    }


def _first_lines(text: str) -> str:
    """The beginning of a message, for a failed assertion."""
    return " | ".join([line.strip() for line in text.splitlines() if line.strip()][:_MESSAGE_LINES])


def _last_lines(text: str) -> str:
    """The end of a message, for an error at import, which comes after its traceback."""
    lines = [line.strip(" E") for line in text.splitlines() if line.strip(" E")]
    return " | ".join(lines[-_MESSAGE_LINES:])
