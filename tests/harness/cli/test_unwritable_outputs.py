"""A command that pays, or works long, finds out before it that its output cannot be written."""

import sys
from pathlib import Path

import pytest
from made_cells import row, write

from flagbench.cli import main

CASSETTES = Path(__file__).parents[3] / "cassettes/simulated/student"
ENDPOINT = "--base-url http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with stored results, and a file where a folder should be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-unwritable")
    write(tmp_path / "reports/latest", [row("none", scenario="one", trial=1, tokens=(1000,))])
    (tmp_path / "scenarios").mkdir()
    for name in ("file", "brief.har", "own.yaml"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "option", "work"),
    [
        (f"canary {CASSETTES} {ENDPOINT} --calls 1 --yes --history file/a.jsonl", "--history",
         "flagbench.series.canary.ask_again"),
        (f"generate crud Student {ENDPOINT} --review simulate --out file/school", "--out",
         "flagbench.cli.generate._run_generator"),
        ("export --tables csv --into file/tables", "--into", "flagbench.export.tables.write"),
        ("export --figures svg --into file/a", "--into", "flagbench.export.figures.write"),
        ("export --tables csv --bundle file/a.zip", "--bundle", "flagbench.export.tables.write"),
        ("import brief.har --scenario {scenario} --provider openai --cassettes file/a",
         "--cassettes", "flagbench.cassette.importing.importer.read"),
        ("optimize generate web --out file/a", "--out",
         "flagbench_generators.optimizer.assembly.assemble"),
        ("self-test own.yaml --publish file/gate.md", "--publish",
         "flagbench.self_test.catalogue.load"),
        ("view --export file/site", "--export", "flagbench.view.export.write"),
        ("merge reports/latest --into file/a", "--into", "flagbench.report.merging.merge"),
    ],
)  # fmt: skip
def test_nothing_is_paid_for_or_made_that_cannot_be_written(
    words: str, option: str, work: str, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """One error names the option and the file in the way; nothing else is left behind."""

    begun = list[None]()

    def begin(*_: object, **__: object) -> None:
        begun.append(None)
        raise AssertionError("the work has begun")

    monkeypatch.setattr(work, begin)
    scenario = Path(__file__).parents[3] / "scenarios/student.yaml"
    words = words.format(scenario=scenario)
    monkeypatch.setattr(sys, "argv", ["flagbench", *words.split()])
    before = set(folder.iterdir())
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert begun == []
    said = capfd.readouterr().err
    assert ended.value.code in (2, 3), said
    assert option in said
    assert "file" in said
    assert "expected: a f" in said
    assert set(folder.iterdir()) - before <= {folder / ".flagbench"}
