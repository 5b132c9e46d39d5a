"""A research bundle: a run with all that replays it, as one archive, and its reproduction."""

import shlex
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iniconfig import IniConfig, ParseError

from flagbench import git
from flagbench.errors import InputError, Problem
from flagbench.report import inputs, subject_code
from flagbench.report.data.json_files import ENVIRONMENT_FILE
from flagbench.reproduction import archive, crate, replay, stored_run
from flagbench.reproduction.ledger import LOCK
from flagbench.reproduction.stated import Despite
from flagbench.reproduction.verdict import Reproduced

PROJECT, REPORTS = "project/", "reports/"
_SETTINGS = "pytest.ini"
_LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "COPYING")


def write(
    folder: Path,
    root: Path,
    *,
    ini: Mapping[str, str],
    python_folders: Sequence[Path] = (),
    date: str = "",
) -> bytes:
    """The archive of a run's folder of reports.

    `root` is that of the project, in the state in which it was run, `ini` has pytest's settings of
    the run, `python_folders` are those that it imported from first. `date` is the day of
    publication; by default that of the commit, else today. Raises `InputError` for a run whose
    inputs are not here any more.
    """
    run = stored_run.load(folder)
    files = {f"{REPORTS}{name}": content for name, content in run.files.items()}
    if (folder / ENVIRONMENT_FILE).is_file():
        files[f"{REPORTS}{ENVIRONMENT_FILE}"] = (folder / ENVIRONMENT_FILE).read_bytes()
    for path in run.history.glob("*.jsonl") if run.history else ():
        if path.stem in run.scenarios:
            files[f"history/{path.name}"] = path.read_bytes()
    own_files, folders = _project(run, root)
    files |= {f"{PROJECT}{name}": content for name, content in own_files.items()}
    own_folders = [place for path in python_folders if (place := _below(path, root)) is not None]
    settings = {"pythonpath": shlex.join(dict.fromkeys([*own_folders, *folders, "."])), **ini}
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    files[f"{PROJECT}{_SETTINGS}"] = f"[pytest]\n{lines}".encode()
    project = _pyproject(root)
    name = str(project.get("name", "")) or f"Benchmark by {run.command}"
    licence = next((text for text in _LICENCES if (root / text).is_file()), "")
    spdx = project.get("license", "")
    spdx = spdx.strip() if isinstance(spdx, str) else ""
    date = _checked(date) if date else _date(root)
    for own in filter(None, (licence, LOCK)):
        if (root / own).is_file():
            files[own] = (root / own).read_bytes()
    cited = root / crate.CITATION
    files[crate.CITATION] = (
        cited.read_bytes() if cited.is_file() else crate.citation(name, date, spdx)
    )
    files["README.md"] = crate.read_me(name, run.command)
    files[ENVIRONMENT_FILE] = crate.environment()
    files[crate.METADATA] = crate.ro_crate(
        files, name=name, command=run.command, date=date, spdx=spdx, licence=licence
    )
    return archive.pack(files)


def reproduce(path: Path, despite: Despite) -> Reproduced:
    """Replay the run of a bundle in a folder of its own, and compare its files.

    Raises `InputError` for a bundle that is not as it was written, or that is of something else.
    """
    files = archive.unpack(path)
    if crate.METADATA not in files or not any(name.startswith(REPORTS) for name in files):
        expected = "a bundle as `flagbench export --bundle` wrote it"
        raise InputError(Problem("it has no run of flagbench", str(path), expected))
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            target = Path(folder) / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            except OSError as error:
                what = f"{name} cannot be written: {error.strerror}"
                raise InputError(Problem(what, str(path))) from error
        run = stored_run.load(Path(folder) / REPORTS)
        project = Path(folder) / PROJECT
        return replay.reproduce(
            str(path), run, project, despite=despite, code_folders=_code_folders(project)
        )


def _code_folders(project: Path) -> list[Path]:
    """The folders of a bundle's project that Python imports from first."""
    settings = project / _SETTINGS
    try:
        own = IniConfig(str(settings), data=settings.read_text(encoding="utf-8"))
        named = shlex.split(own.get("pytest", "pythonpath", default="."))
    except (OSError, ValueError, ParseError) as error:
        expected = "a bundle as `flagbench export --bundle` wrote it"
        what = f"{PROJECT}{_SETTINGS} cannot be read: {error}"
        raise InputError(Problem(what, "", expected)) from error
    return [project / name for name in named]


def _project(run: stored_run.StoredRun, root: Path) -> tuple[dict[str, bytes], list[str]]:
    """The files of the project that the run read, and the folders that its code is imported from.

    Code of the project is where it is there; code from elsewhere is at the root.
    """
    files, folders = dict[str, bytes](), list[str]()
    problems = list[Problem]()
    for name, digest in run.stated.files.items():
        path = root / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            what, expected = "it is not below the project's folder", f"a file in {root}"
            fix = "have it in the project, and run again"
            problems.append(Problem(what, name, expected, fix))
        elif inputs.digest_of(path) != digest:
            what = "it is not as it was when the run was made"
            problems.append(Problem(what, name, "", f"{run.command}, and export again"))
        else:
            files[name] = path.read_bytes()
    for module, digest in run.stated.code.items():
        if subject_code.digest(module) != digest:
            what = "the code is not as it was when the run was made"
            problems.append(Problem(what, module, "", f"{run.command}, and export again"))
        elif not subject_code.is_installed(module):
            for name, path in subject_code.files(module).items():
                folder = _below(subject_code.folder_of(name, path), root) or "."
                folders.append(folder)
                files[(Path(folder) / name).as_posix()] = path.read_bytes()
    if problems:
        raise InputError(problems)
    return files, folders


def _below(folder: Path, root: Path) -> str | None:
    """The path of a folder from the root; None of one that is elsewhere."""
    own, root = folder.resolve(), root.resolve()
    return own.relative_to(root).as_posix() if own.is_relative_to(root) else None


def _pyproject(root: Path) -> Mapping[str, Any]:
    """The table `project` of a project's own file; empty where there is none."""
    try:
        content = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(
            Problem(f"cannot be read: {error}", str(root / "pyproject.toml"))
        ) from error
    project = content.get("project", {})
    return project if isinstance(project, Mapping) else {}


def _date(root: Path) -> str:
    """The day of the commit that is checked out, in UTC, else today."""
    try:
        return datetime.fromtimestamp(git.committed_at(root), UTC).date().isoformat()
    except LookupError:
        return datetime.now(UTC).date().isoformat()


def _checked(date: str) -> str:
    try:
        return datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError as error:
        raise InputError(Problem(f"{date!r} is not a day", "--date", "YYYY-MM-DD")) from error
