"""`flagbench self-test` on a foreign project: answers, causes, kept results, wrong catalogues."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from house import EXAMPLES, House

from flagbench.cli.main import cli
from flagbench.errors import InputError
from flagbench.self_test import catalogue, gate_page, unchanged
from flagbench.self_test.observation import Observation
from flagbench.self_test.processes import Processes

HEAD = "sources: [src]\nunchanged: [scenarios/tiny.yaml::none]\ncases:\n"


def case(name: str, old: str, new: str, expect: str, more: str = "") -> str:
    """A case of the catalogue, in YAML."""
    texts = f"    old: {json.dumps(old)}\n    new: {json.dumps(new)}\n"
    return (
        f"  - name: {name}\n    about: prompts\n    file: src/tiny.py\n{texts}"
        f"    run: [scenarios/tiny.yaml::none]\n    expect: {expect}\n{more}"
    )


PROMPT = case(
    "another prompt", "Take your time. ", "Take your time! ", "provisional",
    more="    because: another prompt of writer, generate\n",
)  # fmt: skip
COMMENT = case("a comment", "    on = {", "    # Flags that are on.\n    on = {", "harmless")
UNSEEN = case(
    "a longer pause", "asyncio.sleep(2)", "asyncio.sleep(9)", "caught",
    more="    because: another pause\n",
)  # fmt: skip


@pytest.fixture
def project(accepted_house: House, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with its own generator, a baseline that is kept, and no catalogue yet."""
    folder = accepted_house.path
    (folder / "src").mkdir()
    shutil.copy(EXAMPLES / "tiny.py", folder / "src" / "tiny.py")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = src\n")
    monkeypatch.chdir(folder)
    return folder


def self_test(*arguments: str) -> Result:
    """Run the command in this process; its cases are processes of their own."""
    return CliRunner().invoke(cli, ["self-test", "own.yaml", *arguments])


def counts_of(project: Path) -> list[str]:
    """The kept counts of unchanged runs."""
    kept = sorted((project / unchanged.KEPT).glob("unchanged-*.json"))
    return [path.read_text() for path in kept]


def test_answers_are_held_against_the_catalogue(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not said is not met; the original stays, and nothing is run a second time."""
    (project / "own.yaml").write_text(HEAD + PROMPT + COMMENT + UNSEEN)
    before = (project / "src" / "tiny.py").read_text()
    first = self_test("--publish", "gate.md", "--workers", "1")
    assert first.exit_code == 1, first.output
    assert "NOT AS EXPECTED: a longer pause: nothing, expected: caught" in first.output
    assert "Detection: 1 of 2 (50%)" in first.output
    assert "False alarms: 0 of 2 harmless changes and unpatched series" in first.output
    assert "Unchanged runs: not counted for this code" in first.output
    page = (project / "gate.md").read_text()
    loaded = catalogue.load(project / "own.yaml", project)
    assert f"\n{gate_page.made_of(loaded, project)}\n" in page
    assert "## Not as expected" in page
    assert "| another prompt | `src/tiny.py` | tiny::none | provisional |" in page
    assert "`another prompt of writer, generate`, line 1" in page
    assert (project / "src" / "tiny.py").read_text() == before
    monkeypatch.setattr(Processes, "run", None)
    again = self_test("-k", "another", "--verbose")
    assert again.exit_code == 0, again.output
    assert "as expected: another prompt: provisional" in again.output
    assert "because: another prompt of writer, generate" in again.output


@pytest.mark.thorough
def test_unchanged_code_raises_no_alarm(project: Path) -> None:
    """Until a patch is in the code itself: then every run is one."""
    (project / "own.yaml").write_text(HEAD + COMMENT)
    quiet = self_test("--unchanged", "2")
    assert quiet.exit_code == 0, quiet.output
    assert "Unchanged runs: 0 false alarms of 2, and 0 with other cells" in quiet.output
    source = project / "src" / "tiny.py"
    source.write_text(source.read_text().replace("Take your time. ", "Hurry. "))
    alarmed = self_test("--unchanged", "2")
    assert alarmed.exit_code == 1
    assert "Unchanged runs: 2 false alarms of 2" in alarmed.output
    assert len(counts_of(project)) == 2


def test_unchanged_runs_are_those_of_this_code(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is changed, they are not counted; an interpreter is named without its folder."""
    (project / "own.yaml").write_text(HEAD + COMMENT)
    seen = Observation(series="scenarios/tiny.yaml::none", outcome="KEPT")
    monkeypatch.setattr(Processes, "run", lambda *_: (seen,))
    assert self_test("--unchanged", "1", "--python", sys.executable).exit_code == 0
    command = f"`flagbench self-test own.yaml --unchanged 1 --python {Path(sys.executable).name}`."
    told = self_test("-k", "comment").output
    assert "- Unchanged runs: 0 false alarms of 1" in told
    assert command in " ".join(told.split())
    with (project / "src" / "tiny.py").open("a") as source:
        source.write("# more")
    assert "Unchanged runs: not counted for this code" in self_test("-k", "comment").output


@pytest.mark.thorough
def test_an_interrupted_count_is_of_what_ran_and_is_not_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names no condition that never was, and the last whole count stays."""
    (project / "own.yaml").write_text(HEAD + COMMENT)
    assert self_test("--unchanged", "1").exit_code == 0
    kept = counts_of(project)
    run = Processes.run
    started = list[object]()

    def runs_once(self: Processes, *arguments: Any) -> tuple[Observation, ...]:
        started.append(arguments)
        if len(started) > 1:
            raise KeyboardInterrupt
        return run(self, *arguments)

    monkeypatch.setattr(Processes, "run", runs_once)
    ended = self_test("--unchanged", "60")
    assert ended.exit_code == 1
    told = "Unchanged runs: 0 false alarms of 25 (60 were asked for), and 0 with other cells, in 1"
    assert told in ended.output
    assert "one worker, without load, Python" in ended.output
    assert "two workers" not in ended.output
    assert counts_of(project) == kept


def test_cells_that_differ_between_runs_are_counted(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where each run is KEPT; of each series, the first run is what others are held to."""
    (project / "own.yaml").write_text(HEAD + COMMENT)
    seen = [
        Observation(series=series, outcome="KEPT", digest=digest)
        for series, digest in (("a", "1"), ("b", "2"), ("a", "1"), ("b", "3"))
    ]
    monkeypatch.setattr(Processes, "run", lambda *_: tuple(seen))
    counted = self_test("--unchanged", "4")
    assert counted.exit_code == 1
    assert "Unchanged runs: 0 false alarms of 4, and 1 with other cells" in counted.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "own.yaml: no catalogue of regressions"),
        (HEAD + PROMPT + PROMPT, "two cases are named 'another prompt'"),
        (HEAD + case("x", "no such text", "", "harmless"), "x: the old text occurs 0 times"),
        (HEAD + case("x", "async", "", "harmless"), "expected: once"),
        (HEAD + COMMENT.replace("src/tiny.py", "pytest.ini"), "pytest.ini is not a source"),
        (HEAD + COMMENT.replace("src/tiny.py", "src/../pytest.ini"), "is not a source"),
        (HEAD.replace("src", "lib") + COMMENT, "no source 'lib'"),
        (HEAD + COMMENT.replace("harmless", "good"), "expect"),
        (HEAD + COMMENT.replace("harmless", "caught"), "expected: because"),
        (HEAD + COMMENT.replace("harmless", "invisible"), "expected: why"),
        (HEAD + COMMENT + "    unnamed: a reason\n", "unnamed without because"),
        (HEAD + COMMENT.replace("::none", "::nothing"), "nothing"),
        (HEAD + COMMENT.replace("tiny.yaml", "tinny.yaml"), "no such scenario"),
        (HEAD + COMMENT.replace("about:", "abuot:"), "abuot"),
    ],
)
def test_a_wrong_catalogue_is_one_clear_error(project: Path, text: str | None, told: str) -> None:
    """Before anything is run."""
    if text is not None:
        (project / "own.yaml").write_text(text)
    result = self_test()
    assert isinstance(result.exception, InputError), result.output
    assert told in str(result.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--python", "python3"), ("--unchanged", "3", "-k", "x"), ("-k", "x", "--publish", "a.md"),
        ("-k", "nothing like it"), ("--unchanged", "3", "--python", "/no/such/python"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(project: Path, arguments: tuple[str, ...]) -> None:
    """Each is an error with what was expected."""
    (project / "own.yaml").write_text(HEAD + COMMENT)
    assert isinstance(self_test(*arguments).exception, InputError)
