"""A fresh environment that has the wheel and what its core depends on, made without a network."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest
from installed import ROOT, core, top_levels


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
        for top in set(top_levels(found)):
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
