"""Missing packages: the environment's fault, or that of the application."""

import pytest

from flagbench.acceptance.packages import REQUIREMENTS, lacking

LACKS = "boots: ModuleNotFoundError: No module named '{}'"


@pytest.mark.parametrize(
    ("module", "requirements", "missing"),
    [
        ("nowhere_to_be_seen", None, "nowhere_to_be_seen"),
        ("nowhere.inner", None, "nowhere"),
        ("nowhere", "fastapi\nnowhere-at-all>=2  # needed\n", "nowhere"),
        ("nowhere", "-r other.txt\nnowhere-at-all\n", "nowhere"),
        ("nowhere", "pytest\nnowhere-at-all; sys_platform == 'none'\n", None),
        ("nowhere", "pytest>=1\n", None),
        ("nowhere", "", None),
        ("app.routes.more", None, None),
        ("main2", None, None),
        ("tomllib.inner", None, None),
        ("pytest.inner", None, None),
    ],
)
def test_a_missing_module(module: str, requirements: str | None, missing: str | None) -> None:
    """Unknown without a list; with one whose packages are all installed, nobody asked for it."""
    files = {"app/main.py": "", "main2.py": ""}
    if requirements is not None:
        files[REQUIREMENTS] = requirements
    assert lacking(LACKS.format(module), files) == missing


def test_another_failure_lacks_nothing() -> None:
    """The message must name a module."""
    assert lacking("create: POST /students answers 500", {}) is None
