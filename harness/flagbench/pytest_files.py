"""The names of files that configure pytest."""

# As pytest looks for them: the first that has pytest's table is the one that counts.
PYTEST_FILES = (
    "pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini",
    "setup.cfg",
)  # fmt: skip
