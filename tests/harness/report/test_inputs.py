"""The inputs that a report states: files that the scenario names, and the code of its subject."""

import sys
from pathlib import Path

import pytest

from flagbench.report import inputs, subject_code
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.run.options import Options


def series(path: Path, combination: str = "none", **fields: object) -> SeriesReport:
    """A series of a scenario in a file."""
    values = {
        "scenario": path.stem, "title": "", "path": str(path), "provider": "simulated",
        "model": "gpt-4o-mini", "requests": 1, "trials": 3, "combination": combination, "place": 0,
        "declared": ["none", "all"], "is_own_design": True, "outcome": "KEPT",
    }  # fmt: skip
    return SeriesReport(**{**values, **fields})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose scenario names files, folders, and what is none of its inputs."""
    for name in (
        "scenarios/x.yaml", "scenarios/erds/shop.json", "scenarios/checks/one.py",
        "scenarios/models/t.json", "scenarios/solutions/x/app.py", "scenarios/solutions/y/app.py",
        "cassettes/simulated/x/1.yaml", "cassettes/simulated/x/9.yaml", "baselines/x.json",
        "tool.py", "secret.txt",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "scenarios" / "x.yaml").write_text(
        "subject: {command: [python, '{project}/tool.py', '{request}', /etc/hostname]}\n"
        "tokenizer: tokenizers:models/t.json\n"
        "requests: [{file: erds/shop.json}, '.', '..', /, ../secret.txt]\n"
        "acceptance: {checks: checks}\n"
    )
    return tmp_path


def stated(project: Path, *members: SeriesReport) -> inputs.Inputs:
    """The inputs of a run of some series."""
    options = Options(project / "cassettes", project / "baselines", project / "reports")
    return inputs.of(RunReport.of(members), options, project)


def test_the_files_of_a_run(project: Path) -> None:
    """By their path from the root; of a text that is a folder above or elsewhere, nothing."""
    found = stated(project, series(project / "scenarios" / "x.yaml"))
    assert list(found.files) == [
        "baselines/x.json", "cassettes/simulated/x/1.yaml", "scenarios/checks/one.py",
        "scenarios/erds/shop.json", "scenarios/models/t.json", "scenarios/solutions/x/app.py",
        "scenarios/x.yaml", "tool.py",
    ]  # fmt: skip
    assert all(len(digest) == 64 for digest in found.files.values())
    assert list(found.code) == ["flagbench"]


@pytest.mark.parametrize(
    ("members", "command"),
    [
        ([{}, {"combination": "all"}], "flagbench run scenarios/x.yaml"),
        ([{}], "flagbench run scenarios/x.yaml::none"),
        ([{"is_own_design": False}], "flagbench run scenarios/x.yaml --combination none"),
        (
            [{"trials": 1, "model": "m"}, {"combination": "all", "trials": 1, "model": "m"}],
            "flagbench run scenarios/x.yaml --model=m --trials=1",
        ),
    ],
)
def test_the_command_of_a_run(project: Path, members: list[dict[str, str]], command: str) -> None:
    """It runs the same series of the same recordings."""
    path = project / "scenarios" / "x.yaml"
    assert stated(project, *(series(path, **fields) for fields in members)).command == command


def test_the_code_of_a_module_is_what_it_imports_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Directly or not, modules and packages; other files there are not part of it."""
    for name, text in {
        "first_module.py": "import second_module, json\n",
        "second_module.py": "def late():\n    from a_package_beside import part\n",
        "a_package_beside/__init__.py": "",
        "a_package_beside/part.py": "",
        "unrelated_module.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    files = subject_code.files("first_module")
    assert sorted(files) == [
        "a_package_beside/__init__.py", "a_package_beside/part.py", "first_module.py",
        "second_module.py",
    ]  # fmt: skip
    assert not subject_code.is_installed("first_module")
    assert subject_code.digest("no_such_module_anywhere") == ""
    before = subject_code.digest.__wrapped__("first_module")
    (tmp_path / "a_package_beside" / "part.py").write_text("x = 1\n")
    assert subject_code.digest.__wrapped__("first_module") != before


def test_the_module_of_a_subject() -> None:
    """Of a registered name, that of its entry point."""
    assert subject_code.module_of("crud") == "flagbench_generators"
    assert subject_code.module_of("my_package.module.run") == "my_package"
