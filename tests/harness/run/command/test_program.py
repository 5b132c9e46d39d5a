"""A command gets its requests, flags and environment, and what it leaves is measured."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import PYTHON, command_house
from scripted_provider import ScriptedProvider

from flagbench.errors import CouldNotRun
from flagbench.run.cell_run import CellRun, StoppedRun

Ran = Callable[..., CellRun]
TOOL = f"'{PYTHON}', '{{project}}/tool.py'"
TWO = "requests: ['say \"a\"', second]\n"
WRITE = 'open("out.txt", "w").write(repr('


@pytest.mark.parametrize(
    ("subject", "program", "expected"),
    [
        (f"command: [{TOOL}, '{{requests}}']", "json.loads(sys.argv[1])", ['say "a"', "second"]),
        (f"command: [{TOOL}, '{{requests_file}}']", "json.load(open(sys.argv[1]))",
         ['say "a"', "second"]),
        (f"command: [{TOOL}]\n  stdin: '{{requests}}'", "json.load(sys.stdin)",
         ['say "a"', "second"]),
        (f"command: [{TOOL}]\n  env: {{GIVEN: 'a {{model}}'}}", 'os.environ["GIVEN"]',
         "a gpt-4o-mini"),
        (f"command: [{TOOL}, '{{{{model}}}}']", "sys.argv[1]", "{model}"),
        (f"command: [{TOOL}]", "sys.stdin.read()", ""),
    ],
)  # fmt: skip
def test_input(ran: Ran, subject: str, program: str, expected: object) -> None:
    """Requests come as arguments, in a file or on standard input; braces can be written."""
    run = ran(f"{WRITE}{program}))", f"subject:\n  {subject}\n", TWO)
    (made,) = run.outcome.artifacts
    assert (made.path, eval(made.text)) == ("out.txt", expected)  # noqa: S307  our own repr


def test_a_run_for_each_request(ran: Ran) -> None:
    """A command that takes one request is run for each, on one clock; its files know theirs."""
    run = ran(
        'open(sys.argv[1] + ".txt", "w").write(ask(sys.argv[1]))',
        f"subject: {{command: [{TOOL}, '{{request}}']}}\n",
        "requests: ['2.5', '3.5']\n",
    )
    assert [(made.path, made.request_id) for made in run.outcome.artifacts] == [
        ("2.5.txt", "1"),
        ("3.5.txt", "2"),
    ]
    assert [(call.request_id, call.started_seconds) for call in run.calls] == [
        ("1", 0.0),
        ("2", 2.5),
    ]


FACTORS = """requests: [x]
factors:
  map_tokens:
    levels: ["0", "1024"]
    default: "0"
    arguments: {"0": [], "1024": [--map-tokens, "1024"]}
  style: {levels: [plain, fancy], default: plain}
"""


@pytest.mark.parametrize(
    ("combination", "expected"),
    [
        (0, (["plain"], "0", "plain")),
        (-1, (["--map-tokens", "1024", "fancy"], "1024", "fancy")),
    ],
)
def test_flags(ran: Ran, combination: int, expected: object) -> None:
    """Flags are environment variables, and placeholders: a level's text, or its words."""
    run = ran(
        f'{WRITE}(sys.argv[1:], os.environ["MAP_TOKENS"], os.environ["STYLE"])))',
        f"subject: {{command: [{TOOL}, '{{flags.map_tokens}}', '{{flags.style}}']}}\n",
        FACTORS,
        combination,
    )
    assert eval(run.outcome.artifacts[0].text) == expected  # noqa: S307  our own repr


@pytest.mark.parametrize("word", ["./mine", "~/mine", "${MINE}/mine", "{absolute}/mine"])
def test_program_of_its_own(
    ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """The program may be of the project, at home, in a variable, or anywhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MINE", str(tmp_path))
    program = tmp_path / "mine"
    program.write_text("#!/bin/sh\necho made > made.txt\n")
    program.chmod(0o755)
    word = word.replace("{absolute}", str(tmp_path))
    run = ran("", f"subject: {{command: ['{word}']}}\n")
    assert [made.text for made in run.outcome.artifacts] == ["made\n"]


def test_bare_name_is_beside_python(ran: Ran) -> None:
    """`python` is the one that runs flagbench, activated or not."""
    run = ran(f"{WRITE}sys.prefix))", "subject: {command: [python, '{project}/tool.py']}\n")
    assert run.outcome.artifacts[0].text == repr(sys.prefix)


def test_environment_is_its_own(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's environment reaches a command: keys, settings, home."""
    names = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MY_SECRET", "GITHUB_TOKEN", "HTTPS_PROXY")
    for name in (*names, "HOME", "PYTHONPATH"):
        monkeypatch.setenv(name, "of-the-developer")
    run = ran(f"{WRITE}dict(os.environ)))")
    text = run.outcome.artifacts[0].text
    assert "of-the-developer" not in text
    assert "'ANTHROPIC_BASE_URL': 'http://127.0.0.1:" in text
    assert "'HOME': '/flagbench-cell/home'" in text


def test_end_is_an_event(ran: Ran) -> None:
    """Exit code and the last lines of the output are an event."""
    run = ran(
        'print("\\n".join(map(str, range(1000)))); print("no", file=sys.stderr); sys.exit(3)',
        f"subject: {{command: [{TOOL}], exit_codes: [0, 3]}}\n",
    )
    (timed,) = run.events
    fields = timed.event.fields
    assert (timed.event.name, fields["exit_code"], fields["stderr"]) == ("command_exit", 3, ["no"])
    assert fields["stdout"][-2:] == ["998", "999"]
    assert len(fields["stdout"]) == 12


def test_artifacts_by_pattern(ran: Ran) -> None:
    """Patterns choose the files; without them tools' folders are left out."""
    program = """
    import pathlib
    for name in ("src/a.py", "src/deep/b.py", "notes.md", ".git/config", "__pycache__/x.pyc"):
        path = pathlib.Path(name); path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(name)
    """
    chosen = ran(program, f"subject: {{command: [{TOOL}], artifacts: ['src/**/*.py']}}\n")
    assert [made.path for made in chosen.outcome.artifacts] == ["src/a.py", "src/deep/b.py"]
    every = ran(program)
    assert [made.path for made in every.outcome.artifacts] == [
        "notes.md", "src/a.py", "src/deep/b.py",
    ]  # fmt: skip


def test_files_at_the_start(ran: Ran, tmp_path: Path) -> None:
    """A command may start in a copy of a folder; what it leaves as it was is no artifact."""
    (tmp_path / "repository").mkdir()
    for name in ("kept.py", "changed.py"):
        (tmp_path / "repository" / name).write_text(name)
    run = ran(
        'open("changed.py", "a").write("!"); open("new.py", "w").write("new")',
        f"subject: {{command: [{TOOL}], files: repository}}\n",
    )
    artifacts = {made.path: made.text for made in run.outcome.artifacts}
    assert artifacts == {"changed.py": "changed.py!", "new.py": "new"}
    assert (tmp_path / "repository" / "changed.py").read_text() == "changed.py"


def test_unrecorded_request(ran: Ran, tmp_path: Path) -> None:
    """A request without a recording ends the cell with its explanation, and the command."""
    ran('ask("a question")')
    alive = tmp_path / "alive"
    house = command_house(
        tmp_path, f"try: ask('a question?')\nfinally: open({str(alive)!r}, 'w')", more=""
    )
    with pytest.raises(StoppedRun) as caught:
        house.runner().cell_runner.run(house.scenario, house.scenario.control, 1)
    assert "POST /v1/chat/completions is not recorded" in str(caught.value)
    assert not alive.exists()


def test_files_are_proven(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A series of a command is proven, measured and judged as any other."""
    more = (
        "requests: [x]\ntargets: {none: {acceptance_rate: '>= 100 %', calls: '<= 1'}}\n"
        "acceptance:\n  kinds:\n    py:\n"
        f"      run: ['{PYTHON}', -m, py_compile, '{{file}}']\n      version: ['{PYTHON}', -V]\n"
    )
    house = command_house(tmp_path, 'open("a.py", "w").write(ask("1"))', more=more)
    house.record(provider.base_url)
    runner = house.runner(run_unsandboxed=True)
    try:
        series = runner.series(house.scenario, house.scenario.control)
    finally:
        runner.close()
    assert series.summary.metrics["acceptance_rate"] == 1.0
    assert series.cells[0].measurement.seconds == 1.0


def test_files_are_proven_beside_those_given(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A check sees the files that the command was given and did not change; not those of tools."""
    given = {"shop/tax.py": b"RATE = 3", "a.py": b"old", "x.bin": b"\xff", ".git/config": b"x"}
    for name, content in given.items():
        path = tmp_path / "repository" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    more = (
        "requests: [x]\nacceptance:\n  kinds:\n    py:\n"
        f"      run: ['{PYTHON}', '{{file}}']\n      version: ['{PYTHON}', -V]\n"
    )
    house = command_house(
        tmp_path,
        'ask("1"); open("a.py", "w").write("from shop.tax import RATE\\nassert RATE == 3\\n")',
        subject=f"subject: {{command: [{TOOL}], files: repository}}\n",
        more=more,
    )
    house.record(provider.base_url)
    assert house.scenario.scaffold == {"a.py": "old", "shop/tax.py": "RATE = 3"}
    runner = house.runner(run_unsandboxed=True)
    try:
        series = runner.series(house.scenario, house.scenario.control)
    finally:
        runner.close()
    assert series.summary.metrics["acceptance_rate"] == 1.0


def test_key_is_sent_by_the_recorder(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A command knows a key that is none; the provider gets the real one."""
    house = command_house(tmp_path, 'ask("the key")')
    house.record(provider.base_url, api_key="sk-real")
    asked = next(each for each in provider.received if each.prompt == "the key")
    assert asked.headers["authorization"] == "Bearer sk-real"
    with pytest.raises(CouldNotRun, match="contains a secret"):
        command_house(tmp_path, 'ask("sk-real")')
        house.record(provider.base_url, api_key="sk-real", secrets=("sk-real",))
