"""Request files: regular ones of the scenario's project, whatever way leads to them."""

import os
from pathlib import Path

import pytest

from flagbench.pytest_files import PYTEST_FILES
from flagbench.scenario import request_file


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    """A folder of scenarios in a project, beside a file that is not the project's."""
    folder = tmp_path / "project" / "scenarios"
    folder.mkdir(parents=True)
    (folder.parent / "pyproject.toml").touch()
    (tmp_path / "secret").write_text("a key")
    return folder


def test_a_file_of_the_project_is_read(scenarios: Path) -> None:
    """In the scenario's folder, below it and above it; also by a link that stays in the project."""
    (scenarios / "erds").mkdir()
    for place in ("a.txt", "erds/ü.txt", "../shared.txt"):
        (scenarios / place).write_text(place)
        assert request_file.read(scenarios, place) == place
    (scenarios / "link.txt").symlink_to("erds/ü.txt")
    assert request_file.read(scenarios, "link.txt") == "erds/ü.txt"


def test_a_file_of_somebody_else_is_refused(scenarios: Path) -> None:
    """By a relative path, an absolute one, and a link to it or to its folder."""
    (scenarios / "link").symlink_to(scenarios.parents[1] / "secret")
    (scenarios / "folder").symlink_to(scenarios.parents[1])
    (scenarios / "own.txt").touch()
    for name in (
        "../../secret", "../../../../../../../../etc/passwd", "/etc/passwd", "link",
        "folder/secret", str(scenarios / "own.txt"),
    ):  # fmt: skip
        with pytest.raises(OSError, match="not in the project's folder"):
            request_file.read(scenarios, name)


def test_without_a_project_the_scenario_s_folder_counts(tmp_path: Path) -> None:
    """Nothing above it is read."""
    folder = tmp_path / "alone"
    folder.mkdir()
    (tmp_path / "secret").write_text("a key")
    assert request_file.project_folder(folder) == folder
    with pytest.raises(OSError, match=r"not in the project's folder, .*nearest with \.git, pytest"):
        request_file.read(folder, "../secret")


@pytest.mark.parametrize("name", (".git", *PYTEST_FILES))
def test_the_nearest_project_counts(scenarios: Path, name: str) -> None:
    """Whichever file configures pytest there, not the project that it is in."""
    inner = scenarios / "inner"
    (inner / "scenarios").mkdir(parents=True)
    (inner / name).touch()
    assert request_file.project_folder(inner / "scenarios") == inner


def test_what_never_ends_is_not_read(scenarios: Path) -> None:
    """A pipe that nobody writes to, a folder, and a file beyond the bound."""
    os.mkfifo(scenarios / "pipe")
    (scenarios / "long").write_bytes(b"x" * ((1 << 20) + 1))
    for name, told in (
        ("pipe", "not a regular file"), (".", "Is a directory"), ("long", "longer than 1,048,576"),
    ):  # fmt: skip
        with pytest.raises(OSError, match=told):
            request_file.read(scenarios, name)
    (scenarios / "there").symlink_to("back")
    (scenarios / "back").symlink_to("there")
    with pytest.raises(OSError, match=r"loop of links|symbolic links"):
        request_file.read(scenarios, "there")
    with pytest.raises(ValueError, match="null"):
        request_file.read(scenarios, "a\x00b")
