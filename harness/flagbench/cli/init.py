"""`flagbench init`: a scenario, a generator to start from, pytest's lines and a CI workflow."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from flagbench.atomic_file import write_whole
from flagbench.cli import ini_lines, output
from flagbench.errors import InputError, Problem
from flagbench.shell_command import shell_command
from flagbench.simulator.settings import SIMULATED
from flagbench.yaml_scalars import written

_STARTER = Path(__file__).with_name("starter")
# How the scenario names the generator of each style.
_SUBJECTS = {
    "async": " my_generator.generate",
    "sync": " my_generator.generate",
    "command": "\n  command: [python, '{project}/my_generator.py', '{request}']\n"
    "  env: {MODEL: '{model}'}",
}
STYLES = tuple(_SUBJECTS)
_IGNORED = (".flagbench/", "reports/latest/")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--style", type=click.Choice(STYLES), help="How the generator is called.")
@click.option("--scenario", "name", help="The name of the scenario. [default: first]")
@click.option("--provider", help="Where it is recorded: simulated, or a name of yours.")
@click.option("--model", default="gpt-4o-mini", show_default=True, help="The model to ask for.")
def init_(folder: Path, style: str | None, name: str | None, provider: str | None,
          model: str) -> None:  # fmt: skip
    """Start to benchmark in FOLDER, by default the current one.

    Writes scenarios/NAME.yaml, a generator of thirty lines, the lines of pytest's configuration,
    a CI workflow and lines of .gitignore. It asks for what no option says. A file that exists is
    never overwritten; pytest's configuration and .gitignore get the lines that they lack.

    \b
    flagbench init
    flagbench init --style sync --scenario slugs --provider openai
    """
    style = style or _asked("Is your generator async, sync, or a command?", "async", STYLES)
    name = name or _asked("A name for the first scenario?", "first")
    provider = provider or _asked(
        "Which provider? simulated needs no key; openai, or a name of yours", SIMULATED
    )
    for value, option in ((name, "--scenario"), (provider, "--provider")):
        if not _NAME.match(value):
            expected = "letters, digits, '.', '_' and '-', a letter or a digit first"
            raise InputError(Problem(f"{option} {value!r}", expected=expected))
    # A scenario is read without blanks around its texts, and with none that is empty.
    if not model.isprintable() or not model or model != model.strip():
        expected = "text on one line, without control characters, and without blanks around it"
        raise InputError(Problem(f"--model {model!r}", expected=expected))
    words = {"subject": _SUBJECTS[style], "model": written(model), "provider": written(provider)}
    files = {
        folder / "scenarios" / f"{name}.yaml": _starter("scenario.yaml.txt", words),
        folder / "my_generator.py": _starter(f"{style}.py.txt", words),
        folder / ".github" / "workflows" / "flagbench.yml": _starter("workflow.yml", words),
        folder / ".github" / "flagbench-comment.sh": _starter("comment.sh", words),
    }
    _check_new(files)
    ini, table, content = ini_lines.configured(folder)
    changed = {
        ini: ini_lines.with_lines(ini, table, content),
        folder / ".gitignore": _ignored(folder / ".gitignore"),
    }
    for path, text in (files | changed).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
        output.say(f"{'changed' if path in changed else 'wrote'} {path}")
    output.say(_next(folder, name, provider))


def _asked(question: str, usual: str, choices: tuple[str, ...] = ()) -> str:
    """An answer, or the usual one where nobody can answer."""
    if not sys.stdin.isatty():
        return usual
    kind = click.Choice(choices) if choices else None
    answer: str = click.prompt(question, default=usual, type=kind, err=True)
    return answer.strip()


def _starter(name: str, words: Mapping[str, str]) -> str:
    text = (_STARTER / name).read_text(encoding="utf-8")
    return re.sub(r"@(\w+)@", lambda word: words.get(word[1], word[0]), text)


def _check_new(files: Mapping[Path, str]) -> None:
    """Raise `InputError` with every file that is there with another content."""
    problems = [
        Problem(
            "the file exists, and is not overwritten", str(path),
            fix="move it away, or choose another --scenario or folder",
        )
        for path, text in files.items()
        if path.exists() and not (path.is_file() and path.read_bytes() == text.encode())
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _ignored(path: Path) -> str:
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    missing = [line for line in _IGNORED if line not in text.splitlines()]
    return "\n".join([*text.splitlines(), *missing]) + "\n"


def _next(folder: Path, name: str, provider: str) -> str:
    into = [] if folder == Path() else [shell_command("cd", folder)]
    record = shell_command("flagbench", "record", Path("scenarios", f"{name}.yaml"))
    if provider != SIMULATED:
        record = f"OPENAI_API_KEY=… {record}    # asks before it pays; --base-url for another API"
    accept = "flagbench run --accept-baselines     # the first measurement becomes the baseline"
    return "\n".join(
        ["", "next:", *(f"  {x}" for x in (*into, record, accept, "pytest scenarios"))]
    )
