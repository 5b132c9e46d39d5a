"""`flagbench optimize`: single commands that know of each other, and a session at a terminal."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS

from flagbench.cli.main import main
from flagbench_generators.kernel import sqlite_file
from flagbench_generators.optimizer.cache import ResultCache
from flagbench_generators.optimizer.settings import Settings

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = [str(Path(sys.executable).with_name("flagbench")), "optimize"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with blanks in its name, and in another components with and without a package."""
    source = tmp_path / "my work" / "the source"
    (source / "tools").mkdir(parents=True)
    (source / "tools/__init__.py").write_text("")
    (source / "tools/web_scraper.py").write_text("from . import pages\n\nN = pages.N\n")
    (source / "tools/pages.py").write_text("import settings\n\nN = settings.N\n")
    (source / "settings.py").write_text("N = 1\n")
    (source / "orders.py").write_text("def broken(:\n")
    return source.parent


@pytest.fixture
def optimize(project: Path) -> Run:
    """Runs the command in the folder, with these variables."""

    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*COMMAND, *words], cwd=project, env={**os.environ, **variables},
                              input="", capture_output=True, text=True, check=False)  # fmt: skip

    return run


def test_commands_know_what_earlier_ones_did(optimize: Run, project: Path) -> None:
    """A level is kept, a project is assembled with what it needs, and its figures are reported."""
    assert optimize("level", "aggressive").stdout == "level: aggressive\n"
    done = optimize("generate", "Create", "a", "web", "scraper", "--from", "the source")
    assert done.returncode == 0, done.stderr
    assert "4 components written to assembled: accepted" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    files = {path.relative_to(project / "assembled") for path in project.rglob("assembled/**/*.py")}
    package = {Path("tools", name) for name in ("__init__.py", "pages.py", "web_scraper.py")}
    assert files == package | {Path("settings.py")}
    report = json.loads((project / "assembled/quality_report.json").read_text())
    assert report["verdict"] == "accepted"
    figures = json.loads(optimize("report", "--json").stdout)
    assert figures["settings"]["optimization_level"] == "aggressive"
    assert figures["operations"]["component_analysis"]["items"] == 5
    assert figures["alerts"]  # nothing was in the cache
    forgotten = optimize("clear-cache").stdout
    assert int(forgotten.split()[0]) > 0


@pytest.mark.parametrize(
    ("words", "variables", "told"),
    [([], {}, "a command is missing"),
     (["statsu"], {}, "no command 'statsu'\n    expected: status"),
     (["level", "agressive"], {}, "'basic', 'moderate', 'aggressive'"),
     (["cache", "disk"], {"CACHE_STRATEGY": "memory"}, "fix: unset CACHE_STRATEGY"),
     (["status"], {"CACHE_SIZE": "none"}, "CACHE_SIZE is 'none'\n    expected: a valid integer"),
     (["generate", "scraper", "--from", "nowhere"], {}, "'nowhere' does not exist"),
     (["generate", "nonsense", "--from", "the source"], {}, "none of 5 components"),
     (["generate", "scraper", "--out", "the source"], {}, "the folder is not empty"),
     (["report", "--out", "the source/orders.py/x"], {}, "cannot be written"),
     (["level", "basic"], {"DISK_CACHE_PATH": "the source/orders.py"}, "cannot be written")],
)  # fmt: skip
def test_wrong_usage(project: Path, monkeypatch, capsys, words, variables, told: str) -> None:
    """One clear error, exit code 2."""
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "argv", [*COMMAND, *words])
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""


def test_a_cache_that_another_process_holds(project: Path, monkeypatch, capsys) -> None:
    """Nothing is forgotten, and that is an error."""
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_SECONDS", 0.05)
    monkeypatch.chdir(project)
    ResultCache(Settings()).put_many({"a": 1}, None)
    monkeypatch.setattr(sys, "argv", [*COMMAND, "clear-cache"])
    with closing(sqlite3.connect(ResultCache(Settings()).path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(SystemExit) as end:
            main()
    assert end.value.code == 2
    shown = capsys.readouterr()
    assert "in use or not writable" in shown.err
    assert shown.out == ""


def test_a_project_that_the_report_rejects(optimize: Run, project: Path) -> None:
    """It is written, and the exit code says it; a damaged file of settings is reported."""
    (project / "cache/performance_cache").mkdir(parents=True)
    (project / "cache/performance_cache/optimizer.json").write_text(
        '{"chosen": {}, "counts": {}, "measurements": [{"operation": "of another version"}]}'
    )
    done = optimize("generate", "orders", "--from", "the source", "--out", "a b")
    assert done.returncode == 1
    assert "syntax" in done.stdout
    assert "orders: line 1" in done.stdout
    assert "optimizer.json: cannot be read, begun again" in done.stderr


def test_a_session_takes_the_commands_of_the_guide(project: Path) -> None:
    """Line by line at a terminal; a typo does not end it."""
    pty = pytest.importorskip("pty")
    lines = ["optimize level aggressive", "optimize cache hybird", "cache disk", "", "'",
             "generate web scraper --from 'the source'", "optimize status", "exit"]  # fmt: skip
    master, slave = pty.openpty()
    os.write(master, "".join(f"{line}\n" for line in lines).encode())
    done = subprocess.run(COMMAND, cwd=project, stdin=slave, capture_output=True, text=True,
                          check=False, timeout=PATIENCE_SECONDS)  # fmt: skip
    os.close(master)
    os.close(slave)
    assert done.returncode == 0, done.stderr
    assert "level: aggressive" in done.stdout
    assert "'hybird' is not one of" in done.stderr
    assert "No closing quotation" in done.stderr
    assert "4 components written to assembled" in done.stdout
    assert done.stdout.count("optimize> ") == len(lines)
    assert "cache_strategy           disk" in done.stdout
