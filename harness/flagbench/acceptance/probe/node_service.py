"""A generated service in JavaScript: served over HTTP, its functions called, its tests run.

Node.js is a program of its own: the child starts it, and passes connections on.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from flagbench.acceptance.probe import standstill
from flagbench.acceptance.probe.routes import NODE_LIST_FILE, NODE_PROGRAM, NODE_PROGRAM_FILE
from flagbench.acceptance.sandbox.child_main import Line

_MAIN = "core/main.js"
_HOST = "127.0.0.1"
_START_SECONDS = 20.0
_POLL_SECONDS = 0.02
_SECONDS = 50
_STANDSTILL_MILLISECONDS = 5_000
_CHUNK_BYTES = 65536
_MESSAGE_LINES, _KEPT_LINES = 3, 200
# The line above the words of an error, and the words of one without such a line.
_CARETS = re.compile(r"\^+")
_ERROR = re.compile(r"(?:Uncaught )?\w*(?:Error|Exception)\b.*")
_CALL_OF_TRACE = re.compile(r"\s+at ")
_PACKAGES = re.compile(r"/[^\s'\"()]*/node_modules/")
_PRINTED = "test:stderr"
_ANSWER_FILE, _REPORT_FILE, _REPORTER_FILE = ".answer.json", ".report.jsonl", ".reporter.mjs"
# Programs have no bound on memory that fits Node.js, which reserves far more than it uses.
_OPTIONS = "--disable-warning=ExperimentalWarning --max-old-space-size=512"

_CALL = """
const fs = require('node:fs');
const { module: path, function: name, arguments: values } = JSON.parse(fs.readFileSync(0, 'utf8'));
(async () => {
  let answer;
  try {
    const value = await require(`${process.cwd()}/${path}`)[name](...values);
    answer = { value: value === undefined ? null : value };
  } catch (error) {
    answer = { raised: error.constructor.name, message: String(error.message),
               trace: String(error.stack) };
  }
  fs.writeFileSync('.answer.json', JSON.stringify(answer));
  process.exit();
})();
"""
# A clock that is ahead, for what is loaded after it.
_CLOCK_FILE = ".clock.js"
_CLOCK = """
const Time = Date;
const ahead = {ahead} * 1000;
global.Date = class Date extends Time {{
  constructor(...parts) {{ super(...(parts.length ? parts : [Time.now() + ahead])); }}
  static now() {{ return Time.now() + ahead; }}
}};
"""
_SPAN = """
const fs = require('node:fs');
const { name } = JSON.parse(fs.readFileSync(0, 'utf8'));
const { startSpan } = require(`${process.cwd()}/monitoring/tracing/tracing.js`);
const outer = startSpan(name);
startSpan(`${name}.inner`).end();
outer.end();
fs.writeFileSync('.answer.json', JSON.stringify({ value: true }));
"""
_REPORTER = """
export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type === 'test:stderr') yield JSON.stringify({ kind: type, message: data.message }) + '\\n';
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const error = data.details.error;
    yield JSON.stringify({
      name: data.name, file: data.file, kind: data.details.type,
      passed: type === 'test:pass' && !data.skip && !data.todo,
      message: error ? String((error.cause && error.cause.message) || error.message) : '',
    }) + '\\n';
  }
}
"""

Command = dict[str, Any]


def server(listening: socket.socket, line: Line) -> Callable[[Command], None]:
    """Build the function that serves `core/main.js`; its reply has the routes, once it listens."""

    def serve(command: Command) -> None:
        environment = _environment(command)
        Path(NODE_PROGRAM_FILE).write_text(NODE_PROGRAM, encoding="utf-8")
        environment["NODE_OPTIONS"] += f" --require=./{NODE_PROGRAM_FILE}"
        node = subprocess.Popen(  # noqa: S603  generated code, in the sandbox
            [command["node"]["program"], _MAIN], env=environment,
            # Its log is not a trace of an error.
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors="replace",
        )  # fmt: skip
        last: deque[str] = deque(maxlen=_KEPT_LINES)
        printing = threading.Thread(target=_print, args=(node, last), daemon=True)
        printing.start()
        port = int(environment["PORT"])
        _await_start(node, port, printing, last)
        line.reply(json.loads(Path(NODE_LIST_FILE).read_text(encoding="utf-8")))
        threading.Thread(target=_end_with, args=(node,), daemon=True).start()
        while True:
            _pass_on(listening.accept()[0], socket.create_connection((_HOST, port)))

    return serve


def code() -> Callable[[Command], Any]:
    """The commands that call functions of the service; the first one sets its environment."""
    begun: Command = {}

    def answer(command: Command) -> Any:
        match command.pop("do"):
            case "service.code":
                begun.update(command)
                return None
            case "service.call":
                module = f"{command['module'].replace('.', '/')}.js"
                return _ask(begun, _CALL, {**command, "module": module})
            case "service.span":
                return _ask(begun, _SPAN, command)["value"]
        msg = "no such command"
        raise ValueError(msg)

    return answer


def tests() -> Callable[[Command], dict[str, Any]]:
    """The command that runs a file of tests with node:test."""

    def answer(command: Command) -> dict[str, Any]:
        Path(_REPORTER_FILE).write_text(_REPORTER, encoding="utf-8")
        # A server may be left open.
        words = ["--test", "--test-force-exit", f"--test-reporter=./{_REPORTER_FILE}",
                 f"--test-reporter-destination={_REPORT_FILE}", command["path"]]  # fmt: skip
        if command["standstill"]:  # a test may wait for what never comes
            words.insert(1, f"--test-timeout={_STANDSTILL_MILLISECONDS}")
        ended = _run(command, words, "")
        report = Path(_REPORT_FILE)
        text = report.read_text(encoding="utf-8") if report.is_file() else ""
        lines = [json.loads(line) for line in text.splitlines()]
        printed = "".join(each["message"] for each in lines if each["kind"] == _PRINTED)
        # A file that cannot be loaded is reported as a test with its path.
        own = str(Path(command["path"]).resolve())
        found = [each for each in lines if each["kind"] not in ("suite", _PRINTED)]
        broken = [
            " at ".join(filter(None, _thrown(printed))) or each["message"]
            for each in found
            if each["name"] in (own, command["path"])
        ]
        run = [each for each in found if each["name"] not in (own, command["path"])]
        if not found and ended.returncode:
            broken = [_last_lines(ended.stdout)]
        names = [f"{number}::{each['name']}" for number, each in enumerate(run, start=1)]
        if command["standstill"] and not Path(standstill.NODE_MARK).is_file():
            for each in run:  # nothing stood still, so it is unknown whether they can fail
                each.update(passed=False, message="the application did not stand still")
        return {
            "collected": names,
            "broken": broken,
            "failed": {
                name: _first_lines(each["message"]) or "skipped"
                for name, each in zip(names, run, strict=True)
                if not each["passed"]
            },
        }

    return answer


def _environment(command: Mapping[str, Any]) -> dict[str, str]:
    node = {"NODE_PATH": command["node"]["modules"], "NODE_OPTIONS": _OPTIONS}
    environment = {**os.environ, **command["environment"], **node}
    # A path of a file lies in the current folder.
    environment["DATABASE_PATH"] = str(Path(environment["DATABASE_PATH"]).resolve())
    if command.get("ahead"):
        Path(_CLOCK_FILE).write_text(_CLOCK.format(ahead=command["ahead"]), encoding="utf-8")
        environment["NODE_OPTIONS"] += f" --require=./{_CLOCK_FILE}"
    if command.get("standstill"):
        program = standstill.node_program(command["standstill"])
        Path(standstill.NODE_FILE).write_text(program, encoding="utf-8")
        environment["NODE_OPTIONS"] += f" --require=./{standstill.NODE_FILE}"
    return environment


def _run(
    command: Mapping[str, Any], words: list[str], given: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  as above
        [command["node"]["program"], *words], env=_environment(command), input=given,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        check=False, timeout=_SECONDS,
    )  # fmt: skip


def _ask(begun: Command, program: str, command: Command) -> Any:
    """Run a program in JavaScript on a command; what it wrote. Raises `RuntimeError`."""
    Path(_ANSWER_FILE).unlink(missing_ok=True)
    ended = _run(begun, ["-e", program], json.dumps(command))
    if not Path(_ANSWER_FILE).is_file():
        _fail(ended.stdout)
    return json.loads(Path(_ANSWER_FILE).read_text(encoding="utf-8"))


def _print(node: "subprocess.Popen[str]", last: "deque[str]") -> None:
    """Print what the service prints as errors, and keep the last lines.

    Of a trace only the innermost call of the service is printed, and then the error again: it comes
    last, as in Python. A line ends when it is known whether a trace follows.
    """
    here = f"{Path.cwd()}/"
    words, end = "", ""
    for text in node.stderr or ():
        if text.strip() and not text.startswith("Node.js v"):
            last.append(text)
        line = text.rstrip("\n").replace(here, "./")
        if not _CALL_OF_TRACE.match(text):
            sys.stderr.write(end + line)
            words, end = line, "\n"
        elif end and here in text:
            sys.stderr.write(f"\n{line}\n{words}\n")
            end = ""
        sys.stderr.flush()


def _await_start(
    node: "subprocess.Popen[str]", port: int, printing: threading.Thread, last: "deque[str]"
) -> None:
    """Wait until the service listens and has listed its routes. Raises `RuntimeError`."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and node.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((_HOST, port)):
            if Path(NODE_LIST_FILE).is_file():
                return
        time.sleep(_POLL_SECONDS)
    if node.poll() is None:
        msg = f"it does not listen on port {port}"
        raise RuntimeError(msg)
    printing.join(1)
    _fail("".join(last), f"node ended with exit code {node.returncode}: ")


def _end_with(node: "subprocess.Popen[str]") -> None:
    node.wait()
    os._exit(1)


def _pass_on(outside: socket.socket, inside: socket.socket) -> None:
    """Pass on what comes, in both directions."""
    for source, target in ((outside, inside), (inside, outside)):
        threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK_BYTES):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _fail(text: str, before: str = "") -> NoReturn:
    """Raise the error that a program ended with, from the place where it was thrown."""
    words, place = _thrown(text)
    cause = RuntimeError(f"at /{place}") if place else None
    raise RuntimeError(before + (words or _last_lines(text))) from cause


def _thrown(text: str) -> tuple[str, str]:
    """The words of the error that ended a program, and the file and line; "" if it names none."""
    text = _PACKAGES.sub("", text.replace(f"{Path.cwd()}/", "./"))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    words = next(_words_in(lines), "")
    place = re.search(r"\./([\w/.-]+\.m?js:\d+)", text) if words else None
    return words, place[1] if place else ""


def _words_in(lines: list[str]) -> Iterator[str]:
    yield from (words for mark, words in pairwise(lines) if _CARETS.fullmatch(mark))
    yield from (line for line in lines if _ERROR.match(line))


def _first_lines(text: str) -> str:
    return " | ".join([line.strip() for line in text.splitlines() if line.strip()][:_MESSAGE_LINES])


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-_MESSAGE_LINES:])
