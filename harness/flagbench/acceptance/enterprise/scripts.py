"""Judge of the start script."""

import re
import shlex
from collections.abc import Sequence

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.secret_values import check_secret
from flagbench.acceptance.enterprise.starting import STARTS, check_listens
from flagbench.acceptance.enterprise.tools import expect_success, program
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection

# A secret that a script sets, or gives a default.
_SET = re.compile(r"""\b(SECRET_KEY|API_USERS)=("[^"]*"|'[^']*'|\$\([^)]*\)|\S*)""")
_DEFAULT = re.compile(r"\$\{(SECRET_KEY|API_USERS):?[-=]([^}]*)\}")
_OPENS = re.compile(r"(?:^|[;&|])\s*(?:if|case|while|for|until)\b|[{(]\s*$")
_CLOSES = re.compile(r"(?:^|[;&|])\s*(?:fi|esac|done)\b|^\s*[})]")
_ASSIGNED = re.compile(r"""\s*(?:export\s+|readonly\s+)?(\w+)=("[^"]*"|'[^']*'|\S+)\s*""")


def judge_scripts(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let shellcheck read it; check that it starts the service on its port."""
    if selection.has("shellcheck"):
        ended = tools.run(program("shellcheck"), "--severity=warning", "--color=never", case.path)
        expect_success("shellcheck", ended)
    if not selection.has("agreement"):
        return
    text = re.sub(r"\\\n", " ", case.files[case.path])
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines)
    start = STARTS[case.brief.tech_stack.framework]
    commands = _with_variables(lines)
    started = [
        number
        for number, line in enumerate(commands)
        if re.search(start, line) and not _ASSIGNED.fullmatch(line)
    ]
    if not started:
        raise Refuted("agreement", "the script does not start core.main")
    _check_reached(lines[: started[-1]])
    command = commands[started[-1]]
    if case.brief.is_python and "PORT" not in command and not _has_word(command, PORT):
        raise Refuted("agreement", f"the service is not started on PORT or {PORT}")
    ports = re.findall(r"\$\{PORT:?[-=](\d+)\}", text)
    if any(port != PORT for port in ports):
        raise Refuted("agreement", f"PORT is {ports[0]} by default; expected: {PORT}")
    check_listens(command, "the script")
    for name, value in (*_SET.findall(text), *_DEFAULT.findall(text)):
        check_secret(name, value, "the script")


def _with_variables(lines: Sequence[str]) -> list[str]:
    """The commands of a script with the values of the variables that it set before."""
    values: dict[str, str] = {}
    commands = []
    for line in lines:
        command = line
        for name, value in values.items():
            used = r"\$[@*]" if name == "@" else rf"\$(?:{name}\b|\{{{name}\}})"
            command = re.sub(used, value.replace("\\", r"\\"), command)
        commands.append(command)
        if assigned := _ASSIGNED.match(command):
            values[assigned[1]] = assigned[2].strip("\"'")
        elif given := re.match(r"\s*set\s+--\s+(.+)", command):
            values["@"] = given[1]
    return commands


def _check_reached(lines: Sequence[str]) -> None:
    """Check that the script does not end before it starts the service, whatever is set."""
    depth = 0
    for line in lines:
        depth += len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
        if depth == 0 and re.match(r"exit\b", line):
            what = f"the script ends with {line.strip()!r} before it starts the service"
            raise Refuted("agreement", what)


def _has_word(line: str, word: str) -> bool:
    try:
        return any(part.rpartition(":")[2] == word for part in shlex.split(line))
    except ValueError:
        return False
