"""A fresh environment that has the wheel and what its core depends on, made without a network."""

import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def _closure(name: str, extras: frozenset[str], seen: dict[str, Distribution]) -> None:
    """Add a distribution and everything that it requires here, with these extras."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen and not extras:
        return
    seen[key] = found = distribution(name)
    for text in found.requires or ():
        wanted = Requirement(text)
        contexts = [{"extra": extra} for extra in (*extras, "")]
        if wanted.marker is None or any(wanted.marker.evaluate(context) for context in contexts):
            _closure(wanted.name, frozenset(wanted.extras), seen)


def core() -> dict[str, Distribution]:
    """The distributions that a plain `pip install flagbench` brings, itself included."""
    seen: dict[str, Distribution] = {}
    _closure("flagbench", frozenset(), seen)
    return seen


def _top_levels(found: Distribution) -> Iterator[str]:
    """The names in site-packages that a distribution owns."""
    for path in found.files or ():
        top = path.parts[0]
        if top not in ("..", "__pycache__") and not top.startswith("__editable__"):
            yield top


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the repository builds."""
    folder = tmp_path_factory.mktemp("wheel")
    # A build leaves a folder `build/` and metadata where it runs: it runs on a copy.
    source = tmp_path_factory.mktemp("source") / "flagbench"
    files = subprocess.run(
        ["git", "ls-files", "-z", "harness", "generator", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, files):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(source)], check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def core_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel and its core alone."""
    folder = tmp_path_factory.mktemp("core") / "a venv"
    venv.create(folder, symlinks=True, with_pip=False)
    python = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(
        subprocess.run(
            [python, "-c", code], check=True, capture_output=True, text=True
        ).stdout.strip()
    )
    for name, found in core().items():
        if name == "flagbench":
            continue
        here = Path(str(found.locate_file("")))
        for top in set(_top_levels(found)):
            if not (packages / top).exists():
                (packages / top).symlink_to(here / top)
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([*pip, *install], check=True)
    # The script that pip installs with pytest; -P, as a script puts no folder on its path.
    script = python.with_name("pytest")
    code = "import sys, pytest; sys.exit(pytest.console_main())"
    script.write_text(f"#!/bin/sh\nexec '{python}' -P -c '{code}' \"$@\"\n")
    script.chmod(0o755)
    return python
