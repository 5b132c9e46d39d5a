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
        "tool.py", "secret.txt", "sets/CCPA.yaml",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "scenarios" / "x.yaml").write_text(
        "subject: {command: [python, '{project}/tool.py', '{request}', /etc/hostname]}\n"
        "tokenizer: tokenizers:models/t.json\n"
        "requests: [{file: erds/shop.json, with: [../sets/CCPA.yaml]}, '.', '..', /,\n"
        "  ../secret.txt]\n"
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
        "scenarios/x.yaml", "sets/CCPA.yaml", "tool.py",
    ]  # fmt: skip
    assert all(len(digest) == 64 for digest in found.files.values())
    assert list(found.code) == ["flagbench"]


def test_what_the_keys_of_a_scenario_name_may_be_anywhere(project: Path) -> None:
    """In the project; beyond it a file alone, not a folder, nor what an environment installed."""
    beyond = project.parent / f"{project.name}-beyond"
    for path in (
        project / "erds" / "a.json", project / "checks" / "deep" / "c.sql", project / "gen.sh",
        project / "given" / "seed.txt", project / "tools" / "check.sh", project / "p.yaml",
        project / "venv" / "bin" / "tool", project / "venv" / "pyvenv.cfg",
        beyond / "t.model", beyond / "folder" / "x",
    ):  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (project / "scenarios" / "x.yaml").write_text(
        "subject: {command: [./gen.sh, '{request}'], files: given}\n"
        f"tokenizer: sentencepiece:{beyond}/t.model\n"
        "prices: ../p.yaml\n"
        "requests: [{file: ../erds/a.json}, ../secret.txt, 7, {file: 7}]\n"
        "acceptance: {kinds: {sql: {run: [../tools/check.sh, '{project}/tool.py'], "
        f"version: [../venv/bin/tool, -v], reads: [{project}/checks, {beyond}/folder, ~x/y]}},\n"
        "  code: {run: [], reads: {}}, text: 7}}\n"
    )
    found = stated(project, series(project / "scenarios" / "x.yaml"))
    assert [name for name in found.files if "cassettes" not in name and "bas" not in name] == [
        "checks/deep/c.sql", "erds/a.json", "gen.sh", "given/seed.txt", "p.yaml",
        "scenarios/solutions/x/app.py", "scenarios/x.yaml", "tool.py", "tools/check.sh",
        f"{beyond}/t.model",
    ]  # fmt: skip


def test_the_code_of_judges(project: Path) -> None:
    """Beside that of the subject; of one that is not there it is unknown."""
    (project / "scenarios" / "x.yaml").write_text(
        "subject: no_such_module.run\n"
        "acceptance: {kinds: {a: {judge: tiny.judge}, b: {judge: no_such_judge.of.b}}}\n"
    )
    found = stated(project, series(project / "scenarios" / "x.yaml"))
    assert list(found.code) == ["flagbench", "no_such_judge", "no_such_module", "tiny"]
    assert found.code["no_such_judge"] == found.code["no_such_module"] == inputs.UNKNOWN


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


def test_the_folders_in_the_command(project: Path) -> None:
    """Where they are not the usual ones; from the root, or whole for one elsewhere."""
    for cassettes, baselines, words in (
        (project / "rec", project / "baselines", ["--cassettes=rec"]),
        (project / "cassettes", project.parent, [f"--baselines={project.parent}"]),
        (project / "x" / ".." / "cassettes", project / "baselines", []),
    ):
        options = Options(cassettes, baselines, project / "reports")
        members = RunReport.of([series(project / "scenarios" / "x.yaml", is_own_design=False)])
        assert inputs.of(members, options, project).command == " ".join(
            ["flagbench run scenarios/x.yaml", *words, "--combination none"]
        )


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
