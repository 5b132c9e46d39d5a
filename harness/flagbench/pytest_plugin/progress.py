"""Lines on what is done and left of a long run of scenarios."""

import time

import pytest

from flagbench.pytest_plugin.carried import CARRIED

EVERY_SECONDS = 20.0


class Progress:
    """A line every 20 s once a series has ended: items, time so far, and about the time left."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._items = self._done = 0
        self._has_series = False
        self._began = self._said = time.perf_counter()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the items of a run in one process."""
        self._begin(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count the items of a run in several; each process has collected all of them."""
        self._begin(len(ids))

    def _begin(self, items: int) -> None:
        if items > self._items:
            self._items = items
            self._began = self._said = time.perf_counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count an item that has ended, and say so from time to time."""
        self._has_series = self._has_series or hasattr(report, CARRIED)
        if report.when != "teardown":
            return
        self._done += 1
        now = time.perf_counter()
        left = self._items - self._done
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        is_due = self._has_series and left > 0 and now - self._said >= EVERY_SECONDS
        if terminal is None or not is_due:
            return
        self._said = now
        seconds = now - self._began
        if terminal._tw.width_of_current_line:  # dots, for which `ensure_newline` does nothing
            terminal.write("\n")
        terminal.write_line(
            f"flagbench: {self._done} of {self._items} items in {in_words(seconds)}, about "
            f"{in_words(seconds / self._done * left)} left"
        )


def in_words(seconds: float) -> str:
    """A time for people, for example `2 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
