"""Bundles of projects of other forms, each reproduced in an empty folder."""

import json
import shutil
from collections.abc import Callable

import pytest
from bench import Bench
from house import EXAMPLES

from flagbench.reproduction import archive

Command = Callable[..., tuple[int, str]]
Elsewhere = Callable[..., dict[str, bytes]]


@pytest.fixture
def elsewhere(
    bench: Bench,
    command: Command,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Elsewhere:
    """Exports the run, reproduces the bundle without the project, and gives its files."""

    def reproduced() -> dict[str, bytes]:
        code, said = command("export", "--bundle", "b.zip")
        assert code == 0, said
        folder = tmp_path_factory.mktemp("another machine")
        shutil.move(bench.house.path / "b.zip", folder / "b.zip")
        with monkeypatch.context() as changed:
            changed.delenv("PYTHONPATH")
            for path in bench.house.path.iterdir():
                path.rename(folder.parent / f"hidden-{path.name}")
            changed.chdir(folder)
            code, said = command("reproduce", "b.zip")
            for path in folder.parent.glob("hidden-*"):
                path.rename(bench.house.path / path.name.removeprefix("hidden-"))
        assert code == 0, said
        return archive.unpack(folder / "b.zip")

    return reproduced


PRICES = "- {model: gpt-4o-mini, since: 2026-01-01, input: 10, output: 0, source: ours}\n"


@pytest.mark.thorough
def test_a_file_beside_the_folder_of_scenarios_is_an_input(
    accepted: Bench, command: Command, elsewhere: Elsewhere
) -> None:
    """The prices at the root: in the bundle, and named if they differ."""
    prices = accepted.house.path / "prices.yaml"
    prices.write_text(PRICES)
    accepted.house.edit("trials: 2", "trials: 2\nprices: ../prices.yaml")
    accepted()
    assert elsewhere()["project/prices.yaml"] == PRICES.encode()
    prices.write_text(PRICES.replace("10,", "20,"))
    code, said = command("reproduce", accepted.latest / "summary.json")
    assert (code, "input prices.yaml differs: stated " in said) == (2, True), said


def test_a_file_beyond_the_project_is_named_by_the_export(
    accepted: Bench, command: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It is an input all the same, with its whole path."""
    prices = tmp_path_factory.mktemp("shared") / "prices.yaml"
    prices.write_text(PRICES)
    accepted.house.edit("trials: 2", f"trials: 2\nprices: {prices}")
    accepted()
    code, said = command("export", "--bundle", "b.zip")
    assert (code, f"{prices}: it is not below the project's folder" in said) == (2, True), said
    prices.write_text(PRICES.replace("10,", "20,"))
    code, said = command("reproduce", accepted.latest)
    assert (code, f"input {prices} differs" in said) == (2, True), said


def test_the_code_of_a_judge_is_an_input(
    accepted: Bench, command: Command, elsewhere: Elsewhere
) -> None:
    """A package of the project, of which nothing else is told."""
    package = accepted.house.path / "judges_of_bundles"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "code.py").write_text("def judge(artifact, spec):\n    return True\n")
    judge = "acceptance: {kinds: {code: {judge: judges_of_bundles.code.judge}}}"
    accepted.house.edit("trials: 2", f"trials: 2\n{judge}")
    accepted()
    stated = json.loads((accepted.latest / "summary.json").read_text())["inputs"]["code"]
    assert list(stated) == ["flagbench", "judges_of_bundles", "tiny"]
    assert "project/judges_of_bundles/code.py" in elsewhere()
    summary = accepted.latest / "summary.json"
    summary.write_text(summary.read_text().replace(stated["judges_of_bundles"], "0" * 64))
    code, said = command("reproduce", summary)
    assert (code, "input code of judges_of_bundles differs" in said) == (2, True), said


CORE = """
import written_beside_core


async def write(*given, **more):
    return await written_beside_core.write(*given, **more)


write.factors = written_beside_core.write.factors
"""


@pytest.mark.thorough
def test_a_project_with_its_code_in_src(accepted: Bench, elsewhere: Elsewhere) -> None:
    """Each file is where it is in the project, and found there."""
    root = accepted.house.path
    (root / "src" / "agentpkg").mkdir(parents=True)
    shutil.copy(EXAMPLES / "tiny.py", root / "src" / "written_beside_core.py")
    (root / "src" / "agentpkg" / "__init__.py").write_text("")
    (root / "src" / "agentpkg" / "core.py").write_text(CORE)
    ini = root / "pytest.ini"
    ini.write_text(ini.read_text().replace(f"pythonpath = {EXAMPLES} .", "pythonpath = src"))
    accepted.house.edit("tiny.write", "agentpkg.core.write")
    accepted()
    files = elsewhere()
    assert {
        "project/src/agentpkg/core.py", "project/src/written_beside_core.py",
    } <= set(files)  # fmt: skip
    assert "project/agentpkg/core.py" not in files
    assert files["project/pytest.ini"].startswith(b"[pytest]\npythonpath = src .\n")


@pytest.mark.thorough
def test_a_run_of_other_folders(accepted: Bench, command: Command, elsewhere: Elsewhere) -> None:
    """Recordings and baselines that the options named are in its command, and in the bundle."""
    for name, other in (("cassettes", "rec"), ("baselines", "bl")):
        (accepted.house.path / name).rename(accepted.house.path / other)
    accepted("--flagbench-cassettes=rec", "--flagbench-baselines=bl")
    summary = json.loads((accepted.latest / "summary.json").read_text())
    stated = "flagbench run scenarios/tiny.yaml --cassettes=rec --baselines=bl"
    assert summary["inputs"]["command"] == stated
    code, said = command("reproduce", accepted.latest)
    assert code == 0, said
    files = elsewhere()
    assert {"project/rec/simulated/tiny/1.yaml", "project/bl/tiny.json"} <= set(files)
