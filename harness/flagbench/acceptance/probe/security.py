"""Findings of bandit in a file, without running it."""

import logging
import warnings

_SEVERITY = "HIGH"


def bandit_findings(path: str) -> list[str]:
    """Findings of high severity, each with its line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plugins are loaded with a deprecated argument
        from bandit.core import config, manager  # noqa: PLC0415  only a project needs it

    logging.getLogger("bandit").setLevel(logging.ERROR)  # it warns of comments it cannot parse
    # A comment that disables a check counts for nothing.
    scan = manager.BanditManager(config.BanditConfig(), "file", ignore_nosec=True)
    scan.files_list = [path]
    scan.run_tests()
    skipped = [f"bandit could not read the file: {reason}" for _, reason in scan.skipped]
    high = [issue for issue in scan.results if issue.severity == _SEVERITY]
    return skipped + [f"line {issue.lineno}: {issue.text} ({issue.test_id})" for issue in high]
