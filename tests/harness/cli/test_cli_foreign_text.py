"""Any text in an argument or a result of a command: shown as it is, obeyed by no terminal."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from foreign_files import entry, har
from foreign_text import ARGUMENTS, PIECES, RAW, TEXTS, Terminal, command, said
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flagbench import git
from flagbench.acceptance.proof import Proof
from flagbench.cli import accept_results
from flagbench.cli.accept_results import FileResult
from flagbench.cli.init import STYLES
from flagbench.errors import CouldNotRun, Problem
from flagbench.printable import printable, printable_line
from flagbench.scenario import loading

SCENARIO = "title: t\nabout: a\nsubject: tiny.write\nrequests: [x]\ntrials: 1\n"

COMMANDS = (
    ("accept", "{}"), ("accept", "{}", "--scenario", "{}"), ("compare", "{}", "{}"),
    ("what-if", "{}", "latency={}"), ("what-if", "one.yaml", "--sweep", "{}"),
    ("what-if", "one.yaml", "--set", "provider.speed={}"),
    ("what-if", "one.yaml", "--combination", "{}", "--set", "provider.speed=2"),
    ("record", "{}"), ("record", "{}", "--base-url", "{}"), ("attribute", "{}"),
    ("record", "one.yaml", "--provider", "{}"), ("record", "one.yaml", "--model", "{}"),
    ("record", "one.yaml", "--provider", "x", "--base-url", "{}", "--yes"),
    ("record", "one.yaml", "--until-decided", "--fail-if", "{}"),
    ("record", "one.yaml", "--stale", "--cassettes", "{}"),
    ("plan", "{}"), ("plan", "one.yaml", "--effect", "{}"), ("plan", "one.yaml", "--results", "{}"),
    ("bisect", "one.yaml", "--good", "{}"), ("scrub", "{}"), ("merge", "{}"),
    ("canary", "{}", "--base-url", "{}"), ("proxy", "--cassette", "{}"),
    ("proxy", "--cassette", "x.yaml", "--record", "--base-url", "://{}"),
    ("export", "{}", "--tables", "csv"), ("export", "--bundle", "{}", "--date", "{}"),
    ("generate", "{}", "x", "--out", "o"), ("generate", "django", "{}", "--out", "{}"),
    ("generate", "crud", "x", "--out", "{}", "--flags", "{}"),
    ("generate", "crud", "x", "--out", "o", "--base-url", "://{}", "--review", "simulate"),
    ("import", "{}", "--scenario", "one.yaml"),
    ("import", "one.yaml", "--scenario", "one.yaml", "--provider", "{}"),
    ("init", "{}"), ("init", "--scenario", "{}"), ("init", "--provider", "{}"),
    ("reproduce", "{}"), ("reproduce", "--list", "{}"), ("reproduce", "experiment", "{}"),
    ("run", "one.yaml", "\x1b{}"), ("self-test", "{}"), ("services", "{}"), ("optimize", "{}"),
    ("erd", "{}"),
    ("view", "{}"), ("view", "one.yaml", "--results", "{}", "--no-browser"),
    ("{}",), ("--{}",),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@settings(max_examples=2, deadline=None)
@example(text="".join(PIECES[2:]).replace("\udcff", ""))
@given(text=ARGUMENTS)
def test_an_argument_is_an_error_at_most(words: tuple[str, ...], text: str) -> None:
    """One message without a traceback, and nothing in it that a terminal obeys."""
    with TemporaryDirectory() as folder, patch.dict(os.environ, OPENAI_API_KEY="some-key"):
        (Path(folder) / "one.yaml").write_text(SCENARIO)
        command(Path(folder), *(word.replace("{}", text) for word in words))


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=20, deadline=None)
@example(model="\x1b[31m")
@example(model="no")
@example(model="1e3")
@example(model="9" * 5000)
@example(model="a: b # c")
@example(model="0 ")
@example(model=" ")
@example(model="")
@given(model=ARGUMENTS)
def test_init_writes_any_model_that_can_be_shown(style: str, model: str) -> None:
    """The scenario that it writes has this model; any other is refused, and nothing is written."""
    with TemporaryDirectory() as folder:
        code, _ = command(Path(folder), "init", "--style", style, "--model", model)
        if not model.isprintable() or model.strip() != model or not model:
            assert (code, list(Path(folder).iterdir())) == (2, [])
        else:
            assert code == 0
            assert loading.load(Path(folder) / "scenarios" / "first.yaml").model == model


@pytest.mark.parametrize("option", ["--model", None])
def test_a_request_that_is_not_utf8_is_refused(tmp_path: Path, option: str | None) -> None:
    """Before the endpoint is asked, which takes no other."""
    words = ["Add a Student", option, "a\udcff"] if option else ["Add a Student\udcff"]
    code, shown = command(tmp_path, "generate", "crud", *words, "--out", "o",
                          "--provider", "simulated", "--review", "simulate")  # fmt: skip
    assert code == 2
    assert "not UTF-8" in shown


def test_a_question_names_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also at a terminal, where it is asked; without an answer nothing is replaced."""
    (tmp_path / "one.yaml").write_text(SCENARIO)
    (tmp_path / "calls.har").write_text(har(entry("x")))
    words = ("import", "calls.har", "--scenario", "one.yaml", "--provider", "own",
             "--cassettes", "a\x1b]8;;x\x07")  # fmt: skip
    assert command(tmp_path, *words)[0] == 0
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    code, shown = command(tmp_path, *words)
    assert code != 0
    assert r"a\x1b]8;;x\x07" in shown
    assert "Replace it?" in shown


@pytest.mark.skipif(sys.platform != "linux", reason="others have no such names")
def test_a_repository_has_any_name(tmp_path: Path) -> None:
    """Also one that is not UTF-8."""
    folder = tmp_path / "a\udcff"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    assert git.top(folder) == folder


# So short that a row of the table is not folded.
NAMES = TEXTS.map(lambda text: text[:40])


@settings(max_examples=30, deadline=None)
@example(file="\x7f", entity="\x7f", check="\x7f", message="\x7f", number=10**30)
@example(file="a\nb", entity="a\nb", check="a\tb", message="a\nb", number=1)
@given(file=NAMES, entity=NAMES, check=NAMES, message=TEXTS, number=st.integers())
def test_results_of_accept_are_shown_as_they_are(
    file: str, entity: str, check: str, message: str, number: int
) -> None:
    """Every field, in the table, in the reasons below it, and as JSON that can be read."""
    figures = {check: (number**40, number)}
    results = [
        FileResult(Path(file), entity, Proof(f"!{check}", message, figures)),
        FileResult(Path(file), entity, CouldNotRun(Problem(message, where=file))),
    ]
    shown = said(lambda: accept_results.print_table(results))
    assert RAW.search(shown) is None
    for name in (str(Path(file)), entity, check):  # a row of the table has one line
        assert squeezed(printable_line(name)) in squeezed(shown)
    assert squeezed(message) in squeezed(shown)
    as_json = said(lambda: accept_results.print_json(results))
    assert RAW.search(as_json) is None
    assert len(json.loads(as_json)) == 2


def squeezed(text: str) -> str:
    """The printable text without blanks and ends of lines, at which a table folds it."""
    return re.sub(r"\s", "", printable(text))
