"""Errors of pytest about generated tests that cannot be collected."""

from typing import Any

_MESSAGE_LINES = 3


class CollectionErrors:
    """A pytest plugin that keeps the end of each error of the collection in `broken`."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def pytest_configure(self, config: Any) -> None:
        """Ask for tracebacks that take no time."""
        config.option.tbstyle = "native"  # the message is all that is used, and this is quick
        config.option.verbose = 0  # an option of the terminal, which pytest 8.0 asks for without it

    def pytest_collectreport(self, report: Any) -> None:
        """Keep the error of a file that cannot be collected."""
        if report.failed:
            self.broken.append(_last_lines(report.longreprtext))


def _last_lines(text: str) -> str:
    """The end of a message, for an error at import, which comes after its traceback."""
    lines = [line.strip(" E") for line in text.splitlines() if line.strip(" E")]
    return " | ".join(lines[-_MESSAGE_LINES:])
