"""A run made again by `flagbench reproduce`: identical, differs, refused; and its bundle."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from bench import Bench
from house import EXAMPLES

from flagbench.errors import InputError
from flagbench.reproduction import archive, commands, crate

Command = Callable[..., tuple[int, str]]


def test_a_run_is_made_again_and_compared(ran: Bench, command: Command) -> None:
    """What is identical is named, and the first difference of a changed page with its table."""
    page = ran.latest / "report.html"
    changed = page.read_text().replace(">KEPT</span>", ">BROKEN</span>", 1)
    assert changed != page.read_text()
    page.write_text(changed)
    code, said = command("reproduce", ran.latest)
    assert code == 1
    assert "report.html: first difference in line" in said
    assert "in #table-" in said
    assert "identical: cells.jsonl, summary.json, cells.parquet" in said


@pytest.mark.thorough
def test_every_cell_is_replayed(ran: Bench, tmp_path: Path) -> None:
    """A known cell would be compared with itself: also where a second run has only those."""
    for folder in ("first", "second"):
        commands.replay(
            "flagbench run scenarios/tiny.yaml::none", ran.house.path, tmp_path / folder
        )
        overhead = json.loads((tmp_path / folder / "latest" / "overhead.json").read_text())
        assert overhead["known_cells"] == {"tiny": {"none": 0}}


@pytest.mark.thorough
def test_changed_inputs_are_refused_by_name(ran: Bench, command: Command) -> None:
    """Before anything is replayed; `--despite` compares all the same."""
    path = ran.house.scenario_file
    path.write_text(path.read_text().replace("Three small functions", "Three functions"))
    for report in (ran.latest / "summary.json", ran.latest / "report.html"):
        code, said = command("reproduce", report)
        assert code == 2
        assert "refused" in said
        assert re.search(r"input scenarios/tiny.yaml differs: stated \w{12}, here \w{12}", said)
    code, said = command(
        "reproduce", ran.latest / "cells.jsonl", "--despite", "scenarios/tiny.yaml"
    )
    assert (code, "identical bytes" in said) == (0, True), said


@pytest.mark.parametrize("part", ["(shard 1/2)", "(interrupted: not everything was run)"])
def test_the_page_of_a_part_of_a_run_is_refused(ran: Bench, command: Command, part: str) -> None:
    """Also where it has come alone: the whole run would differ from it."""
    page = ran.latest / "report.html"
    page.write_text(page.read_text().replace(" KEPT</title>", f" KEPT {part}</title>", 1))
    code, said = command("reproduce", page)
    assert code == 2
    assert ("shard, 1/2" if "shard" in part else "the run was interrupted") in said
    assert "expected: the results of a whole run" in said
    assert "flagbench merge, of all shards" in said


@pytest.mark.thorough
def test_a_misspelt_name_of_an_input_is_an_error(ran: Bench, command: Command) -> None:
    """It would excuse nothing; a name of one of several results is right."""
    names = ("--despite", "Python", "--despite", "scenarios/tiny.yml")
    code, said = command("reproduce", ran.latest / "cells.jsonl", *names)
    assert code == 2
    assert "no input 'scenarios/tiny.yml'" in said
    assert "fix: --despite scenarios/tiny.yaml" in said
    assert "no input 'Python'" not in said


def test_a_missing_input_is_refused(ran: Bench, command: Command) -> None:
    """It is unknown here, which is not the same as unchanged."""
    names = ("cassettes/simulated/tiny/1.yaml", "baselines/tiny.json")
    for name in names:
        (ran.house.path / name).unlink()
    code, said = command("reproduce", ran.latest)
    assert code == 2
    for name in names:
        assert re.search(rf"input {name} differs: stated \w{{12}}, here unknown", said)


def test_other_versions_and_code_are_refused(ran: Bench, command: Command) -> None:
    """A package of another version, and code that is not the stated one."""
    path = ran.latest / "environment.json"
    versions = json.loads(path.read_text())
    path.write_text(json.dumps({**versions, "openai": "0.1", "Python": "3.10.1"}))
    summary = json.loads((ran.latest / "summary.json").read_text())
    summary["inputs"]["code"]["flagbench"] = "0" * 64
    (ran.latest / "summary.json").write_text(json.dumps(summary))
    code, said = command("reproduce", ran.latest)
    assert code == 2
    for name in ("openai", "Python", "code of flagbench"):
        assert f"input {name} differs" in said


@pytest.mark.thorough
def test_a_run_of_other_series_states_its_command(accepted: Bench, command: Command) -> None:
    """Another design, a part of the series, fewer trials: the same series are run again."""
    said = {}
    for words in (
        ("--flagbench-combination=all", "--flagbench-combination=none"),
        ("scenarios/tiny.yaml::none",),
        ("--flagbench-trials=1",),
    ):
        accepted(*words)
        summary = json.loads((accepted.latest / "summary.json").read_text())
        said[words[0]] = summary["inputs"]["command"]
    assert list(said.values()) == [
        "flagbench run scenarios/tiny.yaml --combination all --combination none",
        "flagbench run scenarios/tiny.yaml::none",
        "flagbench run scenarios/tiny.yaml --trials=1",
    ]
    code, told = command("reproduce", accepted.latest / "summary.json")
    assert code == 0, told


def test_a_command_that_no_shell_reads_is_one_clear_error(ran: Bench, command: Command) -> None:
    """Of a damaged report, which is neither replayed nor exported."""
    path = ran.latest / "summary.json"
    summary = json.loads(path.read_text())
    for words in ("flagbench run 'scenarios/tiny.yaml", "flagbench run scenarios/tiny.yaml\0"):
        summary["inputs"]["command"] = words
        path.write_text(json.dumps(summary))
        for asked in (("reproduce", ran.latest), ("export", "--bundle", "a.zip")):
            code, said = command(*asked)
            assert (code, "not the command of a run" in said) == (2, True), said
            assert "expected: flagbench run SCENARIOS" in said and "fix: " in said
    for words in ("python 'x", "", "python -c \0"):
        with pytest.raises(InputError, match="not a command"):
            commands.run(words, ran.house.path, ran.latest)


def test_the_command_of_a_report_is_only_a_run(ran: Bench, command: Command) -> None:
    """A report may come from anywhere."""
    path = ran.latest / "summary.json"
    summary = json.loads(path.read_text())
    for words in ("touch x", "flagbench run scenarios -p evil", "flagbench record scenarios"):
        summary["inputs"]["command"] = words
        path.write_text(json.dumps(summary))
        code, said = command("reproduce", path)
        assert code == 2
        assert "not the command of a run" in said


WRONG = (
    (("nothing.html",), "no such file"),
    (("a-table",), "no table has this name"),
    (("pytest.ini",), "not a report"),
    (("scenarios/tiny.yaml",), "not a report"),
    (("reports/latest/report.html#table-tiny-serie",), "expected: table-tiny-series?"),
    (("reports/latest/summary.json#table-tiny-series",), "only a page has tables"),
    (("experiment", "nothing.csv"), "cannot be read as runs"),
    (("experiment", "a.csv", "b.csv"), "more than one table"),
    (("scenarios", "--list"), "no page"),
)


def test_wrong_words_are_one_clear_error(ran: Bench, command: Command) -> None:
    """With what was expected; exit code 2."""
    for words, what in WRONG:
        code, said = command("reproduce", *words)
        assert (code, what in said) == (2, True), said


MARKED = """
<!-- table: tiny | flagbench run scenarios/tiny.yaml --reports {out} | from series to all -->
```
OLD
```
<!-- /table -->

<!-- table: seconds | python -c 'print("a: 2")' | measured here -->
| a | 1 |
<!-- /table -->
"""


@pytest.mark.thorough
def test_a_table_of_a_document(ran: Bench, command: Command) -> None:
    """Written with its inputs; then identical, different after an edit, refused for an input."""
    page = ran.house.path / "README.md"
    page.write_text(MARKED)
    code, said = command("reproduce")
    assert code == 0
    assert "tiny" in said and "(measured here)" in said and "report.html: " in said
    code, said = command("reproduce", "tiny")
    assert (code, "its inputs are not stated" in said) == (2, True)
    assert command("reproduce", "tiny", "seconds", "--write")[0] == 0
    written = page.read_text()
    assert "KEPT" in written and "OLD" not in written and "| a | 1 |" in written
    code, said = command("reproduce", "tiny", "seconds")
    assert code == 0
    assert "tiny: identical bytes" in said and "seconds: measured here" in said
    page.write_text(written.replace("KEPT", "BROKEN", 1))
    code, said = command("reproduce", "tiny")
    assert (code, "first difference in line" in said) == (1, True)
    cassette = ran.house.cassette()
    cassette.write_text(cassette.read_text() + "\n")
    code, said = command("reproduce", "tiny")
    assert (code, "input cassettes/simulated/tiny/1.yaml differs" in said) == (2, True)


CRATE = {
    "type": "object",
    "required": ["@context", "@graph"],
    "properties": {
        "@context": {"const": "https://w3id.org/ro/crate/1.1/context"},
        "@graph": {
            "type": "array",
            "items": {"type": "object", "required": ["@id", "@type"]},
            "allOf": [
                {"contains": {"properties": {
                    "@id": {"const": "ro-crate-metadata.json"},
                    "@type": {"const": "CreativeWork"},
                    "about": {"const": {"@id": "./"}},
                    "conformsTo": {"const": {"@id": "https://w3id.org/ro/crate/1.1"}},
                }, "required": ["about", "conformsTo"]}},
                {"contains": {"properties": {
                    "@id": {"const": "./"},
                    "@type": {"const": "Dataset"},
                    "name": {"type": "string", "minLength": 1},
                    "description": {"type": "string", "minLength": 1},
                    "datePublished": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                    "license": {"type": "object", "required": ["@id"]},
                    "hasPart": {"type": "array", "minItems": 1},
                }, "required": ["name", "description", "datePublished", "license", "hasPart"]}},
            ],
        },
    },
}  # fmt: skip


READER = """
from pathlib import Path
import tiny


async def write(*given, **more):
    Path("words.txt").read_text()
    return await tiny.write(*given, **more)


write.factors = tiny.write.factors
"""


def references(value: object) -> set[str]:
    """The ids that an entity refers to."""
    if isinstance(value, list):
        return {name for part in value for name in references(part)}
    if isinstance(value, dict):
        own = {value["@id"]} if set(value) == {"@id"} else set[str]()
        return own | {name for part in value.values() for name in references(part)}
    return set()


def test_a_bundle_is_reproduced_anywhere(
    accepted: Bench, command: Command, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """In an empty folder, without the project; and exported twice it has the same bytes.

    The subject reads a file that nothing names: it is an input as well.
    """
    ran = accepted
    shutil.copy(EXAMPLES / "tiny.py", ran.house.path)
    (ran.house.path / "reader.py").write_text(READER)
    (ran.house.path / "words.txt").write_text("words")
    ran.house.edit("tiny.write", "reader.write")
    ran()
    (ran.house.path / "LICENSE").write_text("Do as you like.\n")
    for name in ("a.zip", "b.zip"):
        code, said = command("export", "--bundle", name, "--date", "2026-01-02")
        assert code == 0, said
    bundle = ran.house.path / "a.zip"
    assert bundle.read_bytes() == (ran.house.path / "b.zip").read_bytes()
    elsewhere = tmp_path_factory.mktemp("another machine")
    shutil.copy(bundle, elsewhere / "bundle.zip")
    shutil.rmtree(ran.house.path / "scenarios")
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("PYTHONPATH")
    code, said = command("reproduce", "bundle.zip")
    assert code == 0, said
    assert "identical bytes" in said
    for name in ("cells.jsonl", "summary.json", "cells.parquet", "report.html"):
        assert name in said
    files = archive.unpack(elsewhere / "bundle.zip")
    described = json.loads(files[crate.METADATA])
    jsonschema.validate(described, CRATE)
    entities = {entity["@id"]: entity for entity in described["@graph"]}
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    assert parts == set(files) - {crate.METADATA}
    known = {*entities, "https://w3id.org/ro/crate/1.1"}
    assert {name for entity in entities.values() for name in references(entity)} <= known
    cited = yaml.safe_load(files["CITATION.cff"])
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert {"LICENSE", "environment.json", "README.md", "reports/cells.jsonl"} <= set(files)
    assert {
        "project/tiny.py",
        "project/reader.py",
        "project/words.txt",
        "project/cassettes/simulated/tiny/1.yaml",
    } <= set(files)


def test_a_changed_bundle_is_refused(ran: Bench, command: Command) -> None:
    """One byte of a recording, with the file's name; and a zip that is something else."""
    assert command("export", "--bundle", "a.zip")[0] == 0
    path = ran.house.path / "a.zip"
    content = ran.house.cassette().read_bytes()
    whole = path.read_bytes()
    assert content in whole
    place = whole.index(content) + len(content) // 2
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    code, said = command("reproduce", "a.zip")
    assert (code, "project/cassettes/simulated/tiny/1.yaml was changed" in said) == (2, True)
    path.write_bytes(archive.pack({"x": b"y"}))
    code, said = command("reproduce", "a.zip")
    assert (code, "it has no run of flagbench" in said) == (2, True)


def test_a_bundle_of_any_name_is_one(ran: Bench, command: Command) -> None:
    """By what is in it; one with a changed byte, and a damaged one with the suffix of a zip, too.

    The command that export names is the one that is refused for the byte alone.
    """
    code, said = command("export", "--bundle", "paper.crate")
    assert (code, said.strip().endswith("; flagbench reproduce paper.crate")) == (0, True), said
    path = ran.house.path / "paper.crate"
    whole = path.read_bytes()
    place = whole.index(ran.house.cassette().read_bytes()) + 9
    changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    for name in ("paper.crate", "b.ZIP", "bundle", "issue#4.zip"):
        (ran.house.path / name).write_bytes(changed)
        code, said = command("reproduce", name)
        assert (code, f"{name}: project/cassettes/simulated/tiny/1" in said) == (2, True), said
    (ran.house.path / "b.ZIP").write_bytes(whole[: len(whole) // 2])
    code, said = command("reproduce", "b.ZIP")
    assert (code, "not a whole zip" in said) == (2, True), said


def test_what_cannot_be_bundled(ran: Bench, command: Command) -> None:
    """Inputs that have changed since, a wrong day, no run, nothing asked for."""
    for words, what in (
        (("export",), "nothing to export"),
        (("export", "nowhere", "--tables", "csv"), "no folder of reports"),
        (("export", "--bundle", "a.zip", "--date", "2026-13-01"), "is not a day"),
    ):
        code, said = command(*words)
        assert (code, what in said) == (2, True), said
    ran.house.edit("Three small functions", "Three functions")
    code, said = command("export", "--bundle", "a.zip")
    assert (code, "scenarios/tiny.yaml: it is not as it was" in said) == (2, True)
    assert not (ran.house.path / "a.zip").exists()
