"""Shards of a run, merged: the bytes of one machine, or one error that names each shard."""

import errno
import json
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bench import Bench
from click.testing import CliRunner
from sampled import sampled

from flagbench.cassette.cassette import sha256
from flagbench.cli.main import cli, main
from flagbench.errors import FlagbenchError, InputError
from flagbench.measurement import results
from flagbench.report import history, publish
from flagbench.report.shards.identity import Folders, of_place
from flagbench.run.interrupts import Interrupted

FILES = ("cells.jsonl", "summary.json", "report.md", "report.html", "cells.parquet")


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of each result file."""
    return {name: (folder / name).read_bytes() for name in FILES}


def run_shards(bench: Bench, of: int, *arguments: str) -> list[Path]:
    """The folder of each shard's reports, all run in this process."""
    for number in range(1, of + 1):
        bench(f"--flagbench-shard={number}/{of}", f"--flagbench-reports=s{number}", *arguments)
    return [bench.house.path / f"s{number}" / "latest" for number in range(1, of + 1)]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The place where the first test that needs three shards leaves them for the next ones."""
    return tmp_path_factory.mktemp("shards")


@pytest.fixture
def three(accepted: Bench, ran: Path) -> list[Path]:
    """The folders of three shards' reports, run once; the house has nothing else of them."""
    if not any(ran.iterdir()):
        for folder in run_shards(accepted, 3):
            shutil.move(folder, ran / folder.parent.name)
    return [
        Path(shutil.copytree(ran / name, accepted.house.path / name / "latest"))
        for name in ("s1", "s2", "s3")
    ]


def merge(*folders: Path | str) -> tuple[int, str]:
    """Exit code and words of the command, run in the house's folder."""
    result = CliRunner().invoke(cli, ["merge", *map(str, folders)])
    if isinstance(result.exception, FlagbenchError):
        return result.exception.exit_code, str(result.exception)
    return result.exit_code, result.output


@pytest.mark.parametrize("of", sampled([1, 2, 3, 8], 2))
def test_merged_shards_are_the_bytes_of_one_machine(accepted: Bench, of: int) -> None:
    """With more shards than items, too; the history gets the line of the whole run, once."""
    accepted()
    whole = files_of(accepted.latest)
    shutil.rmtree(accepted.house.path / "reports")
    folders = run_shards(accepted, of)
    assert not list(accepted.house.path.glob("s*/history"))
    code, words = merge(*reversed(folders))
    assert code == 0, words
    assert files_of(accepted.latest) == whole
    assert (accepted.house.path / "reports" / "history" / "tiny.jsonl").is_file()
    assert not (accepted.latest / "shard.json").exists()


@pytest.mark.thorough
def test_a_broken_series_is_as_broken_when_merged(accepted: Bench) -> None:
    """The exit code and the bytes are those of one machine, of which one series is not kept."""
    content = json.loads(accepted.house.baseline.read_text())
    content["series"]["short"]["tokens"]["value"] *= 3
    accepted.house.baseline.write_text(json.dumps(content))
    accepted()
    whole = files_of(accepted.latest)
    folders = run_shards(accepted, 3)
    code, words = merge(*folders)
    assert code == 1, words
    assert files_of(accepted.latest) == whole


@pytest.mark.thorough
def test_processes_in_a_shard_change_nothing(accepted: Bench) -> None:
    """With pytest-xdist, a shard of some items and one of none write the same files."""
    alone = run_shards(accepted, 8)
    for number in (1, 2):
        options = (f"--flagbench-shard={number}/8", f"--flagbench-reports=x{number}", "-n", "2")
        ended = accepted.apart("scenarios", *options)
        assert ended.returncode == 0, ended.stdout
        latest = accepted.house.path / f"x{number}" / "latest"
        assert files_of(latest) == files_of(alone[number - 1])
        alone[number - 1] = latest
    code, words = merge(*alone)
    assert code == 0, words


@pytest.mark.thorough
def test_an_empty_shard_is_kept_and_says_so(accepted: Bench) -> None:
    """Where there are more shards than items, nothing to run is no wrong input."""
    empty = [
        number
        for number, folder in enumerate(run_shards(accepted, 8), start=1)
        if json.loads((folder / "shard.json").read_text())["shard"]["is_empty"]
    ]
    result = accepted(f"--flagbench-shard={empty[0]}/8")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*nothing was run (shard */8, to which no series fell)*"])


def test_only_a_whole_run_is_accepted(accepted: Bench) -> None:
    """Baselines are of all series."""
    result = accepted("--flagbench-shard=1/2", "--flagbench-accept-baselines")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*a baseline is accepted from a whole run*"])


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/99999", "1/2/3"])
def test_a_wrong_part_is_wrong_usage(accepted: Bench, text: str) -> None:
    """The message has the form that is right."""
    result = accepted(f"--flagbench-shard={text}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*{text}*expected: K/N*"])


def test_the_files_of_requests_identify_a_run(tmp_path: Path) -> None:
    """Wherever in the project they are; a scenario that cannot be read has none."""
    folders = Folders("{root}/cassettes", "{root}/baselines", "", ["{root}/scenarios"], [])
    (tmp_path / "scenarios").mkdir()
    request = "requests: [{file: ../brief.yaml, with: [../CCPA.yaml]}, words]"
    (tmp_path / "scenarios" / "x.yaml").write_text(request)
    (tmp_path / "scenarios" / "y.yaml").write_text("requests: [")
    digests = []
    for name, text in (("brief.yaml", "1"), ("CCPA.yaml", "1"), ("brief.yaml", "2"),
                       ("CCPA.yaml", "2")):  # fmt: skip
        (tmp_path / name).write_text(text)
        digests.append(dict(of_place(folders, tmp_path))["scenarios, cassettes and baselines"])
    assert len({*digests}) == 4


@pytest.mark.parametrize("name", ["desk.py", "used.py", "prices.yaml", "reads.txt", "run.sh"])
def test_code_and_named_files_identify_a_run_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Those of subject, judges and keys; not what a subject writes beside them."""
    folders = Folders("{root}/cassettes", "{root}/baselines", "", ["{root}/scenarios"], [])
    monkeypatch.syspath_prepend(str(tmp_path))
    files = {
        "desk.py": "import used",
        "used.py": "",
        "prices.yaml": "",
        "reads.txt": "",
        "run.sh": "",
        "notes.txt": "",
        "scenarios/x.yaml": "subject: desk.write\nprices: ../prices.yaml\n"
        "acceptance: {kinds: {py: {judge: desk.judge, reads: [../reads.txt]}}}",
        "scenarios/y.yaml": "subject: {command: [./run.sh]}",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    before = dict(of_place(folders, tmp_path))
    (tmp_path / "notes.txt").write_text("a note")
    assert dict(of_place(folders, tmp_path)) == before
    (tmp_path / name).write_text("# edited")
    assert dict(of_place(folders, tmp_path)) != before


def edit(folder: Path, change: Callable[[dict], None]) -> None:
    """Change a shard's file, with the right checksum, as another machine had written it."""
    path = folder / "shard.json"
    content = json.loads(path.read_text())
    del content["checksum"]
    change(content["shard"])
    path.write_text(json.dumps({"checksum": sha256(json.dumps(content)), **content}))


def of_other(name: str, value: str) -> Callable[[Path], None]:
    """A shard with another value of what identifies its run."""
    return lambda folder: edit(folder, lambda shard: shard["identity"].update({name: value}))


def flip(name: str) -> Callable[[Path], None]:
    """A file with one byte changed, to another digit or letter."""

    def change(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        place = content.index(b'"scenario"') + 3
        content[place] ^= 1
        (folder / name).write_bytes(content)

    return change


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (lambda folder: (folder / "UNFINISHED").touch(), 3, "has not ended"),
        (lambda folder: edit(folder, lambda shard: shard.update(interrupted=True)), 3, "interrup"),
        (lambda folder: (folder / "shard.json").unlink(), 2, "no shard.json"),
        (lambda folder: (folder / "cells.jsonl").unlink(), 2, "no cells.jsonl"),
        (shutil.rmtree, 2, "no shard.json"),
        (lambda folder: (folder / "shard.json").write_text(""), 2, "cannot be read"),
        (lambda folder: (folder / "shard.json").write_text("[]"), 2, "cannot be read"),
        (flip("shard.json"), 2, "differs from its checksum"),
        (flip("cells.jsonl"), 2, "does not have the cells"),
        (of_other("commit", "abc"), 2, "commit is abc"),
        (of_other("scenarios, cassettes and baselines", "abc"), 2, "baselines is abc"),
        (of_other("version of Python", "3.9"), 2, "version of Python is 3.9"),
        (of_other("version of flagbench", "9"), 2, "version of flagbench is 9"),
        (of_other("code of flagbench", "abc"), 2, "code of flagbench is abc"),
        (of_other("code of tiny", "abc"), 2, "code of tiny is abc"),
        (of_other("option trials", "1"), 2, "option trials is 1"),
        (of_other("number of shards", "4"), 2, "number of shards is 4"),
    ],
)  # fmt: skip
def test_a_shard_that_does_not_fit_is_named_and_nothing_written(
    accepted: Bench, three: list[Path], damage: Callable[[Path], None], code: int, words: str
) -> None:
    """One error, with the folder; the exit code says whether the input is wrong or incomplete."""
    damage(three[1])
    found, said = merge(*three)
    assert (found, words in said, str(three[1]) in said) == (code, True, True), said
    assert not accepted.latest.exists()


def test_shards_of_another_folder_are_merged(accepted: Bench, three: list[Path]) -> None:
    """What a shard says does not depend on where it ran: undamaged, the copies of the above fit."""
    assert merge(*three)[0] == 0
    assert accepted.latest.exists()


def test_missing_doubled_and_elsewhere_are_named(accepted: Bench) -> None:
    """All missing ones at once; a copy with both places; another state of the project."""
    folders = run_shards(accepted, 4)
    code, said = merge(folders[1])
    assert code == 3
    assert [f"shard {number}/4 is missing" in said for number in (1, 2, 3, 4)] == [
        True, False, True, True,
    ]  # fmt: skip
    copy = shutil.copytree(folders[0], accepted.house.path / "copy")
    code, said = merge(*folders, copy)
    assert (code, "shard 1/4 is there 2 times" in said, str(copy) in said) == (2, True, True)
    accepted.house.edit("trials: 2", "trials: 1")
    code, said = merge(*folders)
    assert (code, "not where the shards were run" in said) == (2, True)
    assert not accepted.latest.exists()


@pytest.mark.thorough
def test_another_commit_or_tree_is_foreign(accepted: Bench) -> None:
    """The code of the project counts, committed or not."""
    code_file = accepted.house.path / "more.py"
    code_file.write_text("")
    accepted.house.commit()
    accepted("--flagbench-shard=1/2", "--flagbench-reports=s1")
    code_file.write_text("x = 1\n")
    accepted("--flagbench-shard=2/2", "--flagbench-reports=s2")
    folders = [accepted.house.path / name / "latest" for name in ("s1", "s2")]
    found, said = merge(*folders)
    assert (found, "tracked files that differ" in said) == (2, True), said
    accepted.house.commit()
    accepted("--flagbench-shard=2/2", "--flagbench-reports=s2")
    found, said = merge(*folders)
    assert (found, "commit is" in said) == (2, True), said


def test_a_shard_is_not_merged_into_itself(accepted: Bench) -> None:
    """The reports of the whole would take the place of the part."""
    accepted("--flagbench-shard=1/1")
    found, said = merge(accepted.latest)
    assert (found, "would replace it" in said) == (2, True), said


def test_reports_that_cannot_be_written_cost_no_measurement(
    accepted: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error that says so; the same shards are merged when there is a place."""
    folders = run_shards(accepted, 2)
    with monkeypatch.context() as changed:
        full = OSError(errno.ENOSPC, "No space left on device")
        changed.setattr(publish, "finish", raising(full))
        found, said = merge(*folders)
    assert (found, "could not be written" in said, "make room" in said) == (3, True, True), said
    found, said = merge(*folders)
    assert found == 0, said


def raising(error: BaseException) -> Callable[..., None]:
    """A function that raises."""

    def raises(*_: object, **__: object) -> None:
        raise error

    return raises


@pytest.mark.parametrize("earlier", [False, True], ids=["in a new folder", "over results"])
def test_a_merge_that_was_cut_short_leaves_its_mark(
    accepted: Bench, monkeypatch: pytest.MonkeyPatch, *, earlier: bool
) -> None:
    """What is there is not whole, and said to be so, also after another; a whole merge ends it."""
    folders = run_shards(accepted, 2)
    if earlier:
        merge(*folders)
    for _ in range(2):
        with monkeypatch.context() as changed:
            changed.setattr(history, "remember", raising(Interrupted(signal.SIGINT)))
            merge(*folders)
        assert (accepted.latest / "summary.json").is_file()
        with pytest.raises(InputError, match="has not ended: its results are not whole"):
            results.load(accepted.latest)
        assert not earlier or "not whole" in (accepted.latest / "report.md").read_text()
    assert merge(*folders)[0] == 0
    assert not (accepted.latest / "UNFINISHED").exists()
    assert "not whole" not in (accepted.latest / "report.md").read_text()


def test_an_interrupted_merge_says_what_is_kept(
    accepted: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shards; nothing was recorded."""
    folders = run_shards(accepted, 1)

    def interrupt(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(publish, "finish", interrupt)
    monkeypatch.setattr(sys, "argv", ["flagbench", "merge", *map(str, folders)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 128 + signal.SIGINT
    said = capsys.readouterr().err
    assert said.strip() == "flagbench: interrupted; the shards are as they were: merge again"


@pytest.mark.parametrize("into", ["pytest.ini", "pytest.ini/deep/latest"])
def test_a_file_in_the_place_of_the_reports(accepted: Bench, into: str) -> None:
    """One error, before a shard is read; the file is as it was."""
    before = (accepted.house.path / "pytest.ini").read_bytes()
    code, said = merge("nowhere", "--into", into)
    assert (code, f"--into {into}: pytest.ini is a file" in said) == (2, True), said
    assert "expected: a folder" in said and "fix: name another with --into" in said
    assert (accepted.house.path / "pytest.ini").read_bytes() == before
