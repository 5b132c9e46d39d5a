"""Reading of a request that a scenario keeps in a file of its project, or in several."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flagbench import text_file
from flagbench.pytest_files import PYTEST_FILES

# Files of which one marks the outermost folder of a project.
_MARKS = (".git", *PYTEST_FILES)

# Between the documents of a text in YAML.
_BETWEEN = "---\n"


@dataclass(frozen=True, slots=True)
class Documents:
    """Files, (name, text) each, that are one request: the documents of a text in YAML."""

    files: Sequence[tuple[str, str]]

    @property
    def text(self) -> str:
        """The request; that of a single file is its text."""
        *others, (_, last) = self.files
        return "".join(f"{_ended(text)}{_BETWEEN}" for _, text in others) + last

    def place(self, line: int) -> tuple[str, int]:
        """The file and its line (from 1) that a line of the request is from."""
        *others, (last, _) = self.files
        for name, text in others:
            length = _ended(text).count("\n") + 1
            if line <= length:
                return name, line
            line -= length
        return last, line


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def read(scenario_folder: Path, name: str) -> str:
    """Read a request file, whose name is relative to the scenario's folder.

    A request is sent to a provider and stored in a cassette, so it must be a regular file of a
    bounded size in the project, also after links are followed. Raises `OSError`, `ValueError`.
    """
    folder = scenario_folder.resolve()
    try:
        path = (folder / name).resolve()
    except RuntimeError as error:  # Python 3.11 and 3.12 say so where later ones raise OSError
        raise OSError("a loop of links") from error
    project = project_folder(folder)
    if Path(name).is_absolute() or not path.is_relative_to(project):
        nearest = f"the nearest with {', '.join(_MARKS)}, or the scenario's own"
        raise OSError(f"not in the project's folder, {project} ({nearest})")
    return text_file.read(path)


def project_folder(folder: Path) -> Path:
    """The nearest folder above with a file that marks a project; the folder itself without one."""
    above = (folder, *folder.parents)[:-1]  # the root of the file system is not a project
    return next((each for each in above if any((each / mark).exists() for mark in _MARKS)), folder)
