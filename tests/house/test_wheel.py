"""The wheel in a fresh environment: its core alone, and projects that never asked for flagbench."""

import os
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from example_projects import EXAMPLES, OWN, UNWANTED, endpoint_of, recorded
from installed import core
from sampled import sampled
from scripted_provider import Answer, Received, scripted_provider


def run(
    python: Path, *arguments: str, folder: Path, check: bool = False
) -> subprocess.CompletedProcess[str]:
    """A command of the environment, in a folder, as a user types it."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "PYTHONPATH", "COV_"))
    }
    environment["OPENAI_API_KEY"] = "any"
    environment["PATH"] = f"{python.parent}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, check=check
    )


def test_the_wheel_has_two_packages(wheel: Path) -> None:
    """And nothing called `harness` or `generator`."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "flagbench", "flagbench_generators",
    }  # fmt: skip
    for data in (
        "flagbench/measurement/prices.yaml",
        "flagbench/report/html/templates/page.html.j2",
        "flagbench/reproduction/experiment/runs.csv",
        "flagbench/py.typed",
        "flagbench_generators/kernel/prompts/review_system.md.j2",
        "flagbench_generators/crud/standards/compressed/backend.md",
        "flagbench_generators/crud/scaffold/app/main.py",
        "flagbench_generators/django_rest/scaffold/manage.py",
        "flagbench_generators/django_rest/erd/erd.schema.json",
    ):
        assert data in names


def test_the_core_is_small() -> None:
    """At most 41 packages (with openai 1), none that only a generator or the report needs."""
    names = set(core()) - {"flagbench"}
    assert len(names) <= 41, sorted(names)
    assert not names & {
        "pandas", "scipy", "numpy", "matplotlib", "pyarrow", "streamlit", "django", "fastapi",
        "black", "flake8", "jinja2",
    }  # fmt: skip


def test_help_teaches(core_python: Path, tmp_path: Path) -> None:
    """Every command is listed, whatever is installed."""
    done = run(core_python, "flagbench", "--help", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for command in ("run", "record", "accept", "compare", "attribute", "what-if", "erd"):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("compare", "none", "all"), "report"),
        (("attribute",), "report"),
        (("plan",), "report"),
        (("reproduce",), "report"),
        (("export",), "report"),
        (("provider",), "simulator"),
        (("run", "--on", "dask"), "cluster"),
        (("optimize", "status"), "optimizer"),
    ],
)
def test_a_missing_extra_is_one_clear_line(
    core_python: Path, tmp_path: Path, arguments: tuple[str, ...], extra: str
) -> None:
    """It names what is missing, and the command that installs it; exit code 3."""
    done = run(core_python, "flagbench", *arguments, folder=tmp_path)
    assert done.returncode == 3
    assert done.stdout == ""
    assert f"fix: pip install 'flagbench[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_generator_of_an_extra_that_is_missing(core_python: Path, tmp_path: Path) -> None:
    """The scenario names the subject; the error names the extra."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "x.yaml").write_text(
        "title: t\nabout: a\nsubject: crud\nrequests: [Create a Student with a name.]\n"
    )
    done = run(core_python, "flagbench", "run", folder=tmp_path)
    assert done.returncode == 2
    assert "pip install 'flagbench[crud]'" in done.stdout


def test_an_own_generator_is_measured_by_the_core(core_python: Path, tmp_path: Path) -> None:
    """The example project is KEPT; what the extra would add is said."""
    project = tmp_path / "an own generator"
    own = shutil.ignore_patterns("reports", ".flagbench")  # of a run in the checkout
    shutil.copytree(EXAMPLES / "own-generator", project, ignore=own)
    done = run(core_python, "flagbench", "run", folder=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " KEPT" in done.stdout
    assert "pip install 'flagbench[report]'" in done.stdout
    latest = project / "reports" / "latest"
    assert (latest / "cells.jsonl").is_file()
    assert not (latest / "report.html").exists()


@pytest.mark.parametrize(("example", "style"), sampled(OWN.items(), 1))
def test_the_first_verdict_of_a_stranger(
    core_python: Path, tmp_path: Path, example: str, style: str
) -> None:
    """Init, record, accept, pytest: what `init` writes, and an example's own files beside it.

    With the core of the wheel alone, in an empty folder. What is recorded is what is shipped.
    """
    if example == "node-command" and shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = tmp_path / "an empty folder, é"
    folder.mkdir()

    def command(*arguments: str) -> str:
        done = run(core_python, *arguments, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    said = command("flagbench", "init", "--style", style, "--provider", "scripted")
    assert "next:" in said
    not_written = shutil.ignore_patterns(*UNWANTED, "cassettes", "baselines", "pyproject.toml")
    shutil.copytree(EXAMPLES / example, folder, ignore=not_written, dirs_exist_ok=True)
    endpoint = endpoint_of(example)

    def model(asked: Received) -> Answer:
        messages = asked.body["messages"]
        if "one code block" in messages[0]["content"]:  # the generator that `init` wrote
            return Answer("```python\ndef answer():\n    return 42\n```")
        time.sleep(0.2)  # targets of the examples bound what parallel calls save
        return Answer(endpoint.answer(messages))

    with scripted_provider(model) as provider:
        command("flagbench", "record", "scenarios", "--base-url", provider.base_url, "--yes")
    (shipped,) = (EXAMPLES / example / "cassettes" / "scripted").iterdir()
    assert recorded(folder / "cassettes" / "scripted" / shipped.name) == recorded(shipped)
    command("flagbench", "run", "--accept-baselines")
    assert "2 passed" in command("pytest", "scenarios", "-k", "none")


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A project that knows nothing of flagbench: packages, tests, and YAML in `scenarios/`."""
    for package in ("harness", "generator"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(f'NAME = "the user\'s {package}"\n')
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "default.yaml").write_text("molecule: [not, ours\n")
    (tmp_path / "conftest.py").write_text("import generator, harness\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_own.py").write_text(
        "import flagbench\nimport generator\nimport harness\n\n"
        "def test_own(request):\n"
        '    assert harness.NAME == "the user\'s harness"\n'
        '    assert generator.NAME == "the user\'s generator"\n'
        "    assert flagbench.Factor\n"
    )
    return tmp_path


@pytest.mark.parametrize("command", [("pytest",), ("python", "-m", "pytest")])
def test_a_project_that_never_asked_is_left_alone(
    core_python: Path, stranger: Path, command: tuple[str, ...]
) -> None:
    """Its packages are its own, its YAML is not collected, its tests pass, nothing is written."""
    done = run(core_python, *command, "-p", "no:cacheprovider", folder=stranger)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "flagbench" not in done.stdout.partition("plugins:")[2].partition("\n")[2]
    assert not (stranger / "reports").exists()
    assert not (stranger / ".flagbench").exists()


def test_no_option_has_a_bare_name(core_python: Path, tmp_path: Path) -> None:
    """Every option of the plugin begins with `--flagbench-`."""
    shown = run(core_python, "pytest", "--help", folder=tmp_path).stdout
    _, _, own = shown.partition("flagbench: scenarios under combinations of flags")
    options = [word for line in own.splitlines() for word in line.split()[:1] if line[:3] == "  -"]
    ours = options[: options.index("--flagbench-reports=DIR") + 1]
    assert len(ours) == 17
    assert all(option.startswith("--flagbench-") for option in ours)


def test_the_plugin_imports_nothing_that_is_not_used(core_python: Path, stranger: Path) -> None:
    """A run without scenarios loads the plugin's first modules, and none of its libraries."""
    (stranger / "tests" / "test_own.py").write_text(
        "import sys\n\ndef test_modules():\n"
        "    ours = [name for name in sys.modules if name.startswith('flagbench.')]\n"
        "    assert {name.rpartition('.')[2] for name in ours} == {\n"
        "        'pytest_plugin', 'plugin', 'options', 'collector', 'division', 'progress',\n"
        "        'carried', 'scenario_files'\n"
        "    }\n"
        "    assert not {'openai', 'vcr', 'yaml', 'pydantic', 'tiktoken'} & set(sys.modules)\n"
    )
    done = run(core_python, "pytest", "-p", "no:cacheprovider", folder=stranger)
    assert done.returncode == 0, done.stdout
