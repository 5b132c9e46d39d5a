"""The same bytes on several Pythons, in several time zones and locales, elsewhere, by another user.

    python tests/studies/same_bytes.py [PYTHON...]

Each PYTHON is the interpreter of an environment with flagbench, by default this one. A scenario of
each system is replayed under all and under no flags by each, in a folder of its own, without what
earlier runs have proven; every file of the reports that follows from the inputs is compared with
the first's.
Exit code 1 if one differs, or if something could not be tried.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flagbench.report.html.elements import elements
from flagbench.reproduction.replay import without_walls

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ("student", "django-blog", "enterprise-startup", "optimizer-warm-night")
FILES = ("cells.jsonl", "summary.json", "cells.parquet", "report.html")
_RUN = (
    "-c", "from flagbench.cli.main import main; main()", "run",
    *(f"scenarios/{name}.yaml" for name in SCENARIOS),
    "--combination", "all", "--combination", "none", "--trials", "1", "-p", "no:xdist",
)  # fmt: skip
_PLACES = (("scenarios/", ".yaml"), ("cassettes/simulated/", "/*"), ("baselines/", ".*"))
# Another user id, whatever the interpreter's folder permits: in a namespace of its own.
_ANOTHER_USER = ("unshare", "--user", "--map-user=1234")


@dataclass(frozen=True)
class Place:
    """Where a run takes place: interpreter, folder, variables, and what runs it as another user."""

    what: str
    python: str
    folder: str
    variables: Mapping[str, str]
    prefix: Sequence[str] = ()


def places(pythons: Sequence[str]) -> Iterator[Place]:
    """The first is what the others are compared with."""
    first = pythons[0]
    utc = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
    yield Place("UTC, C.UTF-8", first, "one", utc)
    east = {"TZ": "Asia/Kathmandu", "LC_ALL": "POSIX", "PYTHONHASHSEED": "7"}
    yield Place("Asia/Kathmandu, POSIX, folder 'a folder, é'", first, "a folder, é", east)
    yield Place("user 1234", first, "user", {**utc, "HOME": "/nonexistent"}, _ANOTHER_USER)
    for number, python in enumerate(pythons[1:], start=2):
        west = {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": str(number)}
        yield Place("America/St_Johns, C", python, f"python {number}", west)


def files_of(place: Place, folder: Path) -> dict[str, bytes]:
    """The files of a run there. Raises `RuntimeError` with what it said if it did not end well."""
    project = folder / place.folder
    for pattern in (
        *(f"{place}{name}{end}" for name in SCENARIOS for place, end in _PLACES), "scenarios/*/*",
    ):  # fmt: skip
        for source in ROOT.glob(pattern):
            target = project / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    (project / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = scenarios\n")
    done = subprocess.run(
        [*place.prefix, place.python, *_RUN], cwd=project, check=False,
        env={**os.environ, **place.variables}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode not in (0, 1):  # one trial may miss a target
        raise RuntimeError(f"exit code {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return {name: (project / "reports" / "latest" / name).read_bytes() for name in FILES}


def without_machine(page: bytes) -> bytes:
    """A page without the versions of Python and packages, and the walls, which it states."""
    text = without_walls(page.decode())
    (stated,) = [part.html for part in elements(text) if part.name == "table-versions"]
    return text.replace(stated, "").encode()


def version_of(python: str) -> str:
    """The version of an interpreter."""
    code = "import platform; print(platform.python_version())"
    return subprocess.check_output([python, "-c", code], text=True).strip()


def main(pythons: Sequence[str]) -> int:
    """Print a line for each place."""
    reference: dict[str, bytes] = {}
    is_sound = True
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        for place in places(pythons):
            version = version_of(place.python)
            try:
                made = files_of(place, Path(name))
            except (RuntimeError, OSError) as error:
                told, is_sound = f"not tried: {error}", False
            else:
                made["report.html"] = without_machine(made["report.html"])
                reference = reference or made
                differing = [name for name in FILES if made[name] != reference[name]]
                is_sound &= not differing
                told = f"differs: {', '.join(differing)}" if differing else "the same bytes"
            sys.stdout.write(f"Python {version}, {place.what}: {told}\n")
            sys.stdout.flush()
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main([str(Path(python).absolute()) for python in sys.argv[1:]] or [sys.executable]))
