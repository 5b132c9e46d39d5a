"""What bandit finds in a file, without running it."""

import logging
import warnings

# Generated code cannot excuse itself: `# nosec` counts for nothing.
_SEVERITY = "HIGH"


def dangers(path: str) -> list[str]:
    """The findings of high severity, each with its line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plugins are loaded with an argument of old
        from bandit.core import config, manager  # noqa: PLC0415  only a project needs it

    logging.getLogger("bandit").setLevel(logging.ERROR)  # it warns of comments that it cannot read
    found = manager.BanditManager(config.BanditConfig(), "file", ignore_nosec=True)
    found.files_list = [path]
    found.run_tests()
    told = [f"bandit could not read it: {why}" for _, why in found.skipped]
    high = [one for one in found.results if one.severity == _SEVERITY]
    return told + [f"line {one.lineno}: {one.text} ({one.test_id})" for one in high]
