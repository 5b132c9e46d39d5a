"""The ratios that the benchmarks found, as a table at the end of the run."""

from collections.abc import Callable

import pytest

RATIOS = pytest.StashKey[list[str]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str, float, str], None]:
    """Notes a ratio for the table at the end of the run."""
    told = request.config.stash.setdefault(RATIOS, [])
    return lambda what, ratio, bound: told.append(f"{what:<45} {ratio:6.2f}   {bound}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the ratios."""
    terminalreporter.section("ratios of CPU time in this run")
    for line in terminalreporter.config.stash.get(RATIOS, []):
        terminalreporter.write_line(line)
