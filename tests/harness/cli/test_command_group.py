"""Commands of other packages: found by their entry points, and harmless where they are broken."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from click.testing import CliRunner

from flagbench.cli import command_group, main
from flagbench.errors import CouldNotRun

STRANGER = """
import click

@click.command()
@click.argument("name")
def hello(name):
    "Greet somebody."
    click.echo(f"hello {name}")

@click.command()
def refusing():
    raise click.ClickException("shop.json:1: no")

nothing = 1
"""
BROKEN = [
    ("missing", "no_such_module:command", "ModuleNotFoundError: No module named 'no_such_module'"),
    ("nameless", "stranger:no_such_name", "has no attribute 'no_such_name'"),
    ("number", "stranger:nothing", "stranger:nothing is not a click command"),
    ("ending", "ending:command", "SystemExit: 1"),
]


@pytest.fixture(autouse=True)
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Entry points of two modules of a stranger's, one of which ends the process."""
    (tmp_path / "stranger.py").write_text(STRANGER)
    (tmp_path / "ending.py").write_text("raise SystemExit(1)")
    monkeypatch.syspath_prepend(tmp_path)
    values = {name: value for name, value, _ in BROKEN}
    values |= dict.fromkeys(("hello", "record"), "stranger:hello")
    values["refusing"] = "stranger:refusing"
    points = [EntryPoint(*pair, command_group.GROUP) for pair in values.items()]
    points.append(EntryPoint("elsewhere", "stranger:hello", "another.group"))
    monkeypatch.setattr(command_group, "entry_points", EntryPoints(points).select)
    yield
    sys.modules.pop("stranger", None)


def test_a_command_is_found_by_its_entry_point() -> None:
    """And takes its own arguments."""
    result = CliRunner().invoke(main.cli, ["hello", "world"])
    assert (result.exit_code, result.stdout) == (0, "hello world\n")


@pytest.mark.parametrize(
    ("typed", "near"), [("recrod", "record"), ("helo", "hello"), ("xyz", None)]
)
def test_a_misspelt_command_is_told_the_nearest(typed: str, near: str | None) -> None:
    """Of those of other packages, too."""
    result = CliRunner().invoke(main.cli, [typed])
    *_, last = result.stderr.splitlines()
    hint = f" Did you mean '{near}'?" if near else ""
    assert (result.exit_code, last) == (2, f"Error: No such command '{typed}'.{hint}")


def test_a_command_is_loaded_when_it_is_asked_for() -> None:
    """The start of the other commands does not wait for it."""
    assert CliRunner().invoke(main.cli, ["record", "--help"]).exit_code == 0
    assert "stranger" not in sys.modules


def test_own_commands_come_first() -> None:
    """No package can take the name of one; another group's entry points are none."""
    assert "Greet" not in CliRunner().invoke(main.cli, ["record", "--help"]).stdout
    assert "No such command 'elsewhere'" in CliRunner().invoke(main.cli, ["elsewhere"]).stderr


@pytest.mark.parametrize(("name", "value", "reason"), BROKEN)
def test_a_broken_command_says_why(name: str, value: str, reason: str) -> None:
    """Whatever it is given, in one line with what to do; never a traceback of the import."""
    for arguments in ([], ["--help"], ["--set", "a=b", "c"]):
        error = CliRunner().invoke(main.cli, [name, *arguments]).exception
        assert isinstance(error, CouldNotRun)
        first, fix = str(error).splitlines()
        assert first.startswith(f"flagbench {name} ({value}): cannot be loaded: ")
        assert reason in first
        assert "reinstall or uninstall the package that declares it" in fix


def test_broken_commands_do_not_break_the_help() -> None:
    """Its own come first, then those of others in order, those that are broken too."""
    result = CliRunner().invoke(main.cli, ["--help"])
    assert result.exit_code == 0
    listed = result.stdout.partition("Commands:\n")[2].splitlines()
    lines = {line.split()[0]: line for line in listed}
    others = list(lines)[len(main.COMMANDS) :]
    assert list(lines) == [*main.COMMANDS, *sorted(others)]
    assert lines["hello"].endswith("  Greet somebody.")
    assert "provider" in lines
    assert lines["missing"].endswith("  (cannot be loaded)")


def test_a_refusal_of_a_command_is_one_line_and_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a wrong input to the other commands is."""
    monkeypatch.setattr(sys, "argv", ["flagbench", "refusing"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "flagbench: shop.json:1: no\n"
