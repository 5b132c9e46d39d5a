"""What a command does wrong is one clear error, and nothing of it goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import PYTHON, command_house
from patience import PATIENCE_SECONDS
from scripted_provider import ScriptedProvider

from flagbench.errors import InputError
from flagbench.run import network

Refused = Callable[..., str]
TOOL = f"'{PYTHON}', '{{project}}/tool.py'"


@pytest.mark.parametrize(
    ("program", "subject", "expected"),
    [
        ("", "command: [no-such-tool]", "'no-such-tool' is not a program in PATH"),
        ("", "command: ['./tool.js']", "tool.js does not exist"),
        ("", "command: ['./tool.py']", "tool.py is not executable"),
        ("", "command: ['$NO_SUCH_VARIABLE/tool']", "the variable NO_SUCH_VARIABLE is not set"),
        ("", f"command: [{TOOL}]\n  env: {{A: '{'x' * 200_000}'}}", "cannot be started"),
        ("sys.exit('no luck')", "", "ended with exit code 1\n      no luck"),
        ("os.kill(os.getpid(), 11)", "", "ended with signal 11"),
        ("import threading; threading.Event().wait()", f"command: [{TOOL}]\n  timeout_seconds: 1",
         "made no call and did not end for 1 real seconds"),
        ("while True: time.sleep(1)", f"command: [{TOOL}]\n  timeout_seconds: 1",
         "did not end for 1 real seconds"),
        ("while True: pass", f"command: [{TOOL}]\n  timeout_seconds: 1",
         "did not end for 1 real seconds"),
        ("while True: print('x' * 10_000)", "", "printed more than 64 MiB"),
        ("import subprocess; subprocess.Popen(['sleep', '1000'])", "",
         "left processes behind, which were killed: sleep 1000"),
        ("import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True)", "",
         "left processes behind, which were killed: sleep 1000"),
        ("import subprocess as s; s.Popen(['perl', '-e', 'select undef, undef, undef, 1000'],"
         " start_new_session=True)", "",
         "left processes behind, which were killed: perl -e select undef"),
        ("import subprocess; subprocess.run(['sh', '-c', 'setsid sleep 1000 &'], check=True)", "",
         "left processes behind, which were killed: sleep 1000"),
        ("urllib.request.urlopen(os.environ['OPENAI_BASE_URL'] + '/nothing')", "",
         "GET /v1/nothing"),
        ("urllib.request.urlopen(os.environ['ANTHROPIC_BASE_URL'] + '/what')", "",
         "GET http://provider/what, which is not its provider"),
    ],
)  # fmt: skip
def test_error(refused: Refused, program: str, subject: str, expected: str) -> None:
    """Each is said."""
    assert expected in refused(program, f"subject:\n  {subject}\n" if subject else "")


ITSELF = "{}"
GRANDCHILD = (
    "import subprocess, sys; shell = ['sh', '-c', 'exec \"$@\"', 'sh']; "
    "subprocess.run([*shell, sys.executable, '-c', {!r}], check=True)"
)


@pytest.mark.skipif(sys.platform != "linux", reason="walls of Linux")
@pytest.mark.parametrize("by", [ITSELF, GRANDCHILD], ids=["itself", "a program of a program"])
def test_writing_outside(refused: Refused, tmp_path: Path, by: str) -> None:
    """Nothing can be written outside of the cell's folder; the command's own words say it."""
    outside = tmp_path / "outside.txt"
    said = refused(by.format(f"open({str(outside)!r}, 'w')"))
    assert "Permission denied" in said
    assert not outside.exists()


@pytest.mark.skipif(network.tier() != network.NAMESPACE, reason="without a network namespace")
@pytest.mark.parametrize("by", [ITSELF, GRANDCHILD], ids=["itself", "a program of a program"])
def test_other_host(refused: Refused, by: str) -> None:
    """A host that is not declared is not reached, and named."""
    said = refused(by.format("import socket; socket.create_connection(('192.0.2.1', 443))"))
    assert "tried to reach 192.0.2.1:443" in said


def test_ends_while_a_call_is_pending(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A command that ends before its answer is no measurement."""
    program = """
    import threading
    threading.Thread(target=ask, args=("5",), daemon=True).start()
    time.sleep(1)
    os._exit(0)
    """
    house = command_house(tmp_path, 'ask("5")')
    house.record(provider.base_url)
    command_house(tmp_path, program)
    with pytest.raises(Exception, match="ended while 1 calls were pending"):
        house.runner().cell_runner.run(house.scenario, house.scenario.control, 1)


def test_gives_up_on_a_call(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A call whose client went away, in a command that goes on, was cancelled then."""
    program = """
    import urllib.parse
    import http.client
    place = urllib.parse.urlsplit(os.environ["OPENAI_BASE_URL"])
    asked = http.client.HTTPConnection(place.hostname, place.port)
    body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "5"}]})
    asked.request("POST", "/v1/chat/completions", body)
    time.sleep(2)
    asked.sock.close()
    ask("1")
    """
    house = command_house(tmp_path, 'ask("5"); ask("1")')
    house.record(provider.base_url)
    command_house(tmp_path, program)
    run = house.runner().cell_runner.run(house.scenario, house.scenario.control, 1)
    assert sorted((call.ended_seconds, call.cancelled) for call in run.calls) == [
        (2.0, True),
        (3.0, False),
    ]


@pytest.mark.parametrize(
    ("subject", "factors", "expected"),
    [
        ("{command: []}", "", "at least 1 item"),
        (
            "{command: [x, '{word}']}",
            "",
            "unknown placeholder {word}\n    expected: one of {base_url}",
        ),
        ("{command: [x, '{flags.other}']}", "", "unknown placeholder {flags.other}"),
        ("{command: [x], artifacts: [/etc/passwd]}", "", "is not a pattern of files in workdir"),
        ("{command: [x], artifacts: ['../*']}", "", "is not a pattern of files in workdir"),
        ("{command: [x], files: nowhere}", "", "nowhere does not exist"),
        ("{command: [x], timeout_seconds: 0}", "", "greater than 0"),
        ("{command: [x], comand: y}", "", "comand"),
        ("{command: [x], env: {'A=B': c}}", "", "A=B"),
        ("{command: [x]}", "factors: [a]", "a command declares no flags"),
        ("{command: [x]}", "factors: {a: {arguments: {'false': [], 'true': [-a]}}}",
         "the arguments of a are not used"),
        ("{command: [x, '{flags.a}']}", "factors: {a: {arguments: {'true': [-a]}}}",
         "arguments of the levels true"),
        ("tiny.write", "factors: {a: {arguments: {'false': [], 'true': [-a]}}}",
         "arguments without a command"),
    ],
)  # fmt: skip
def test_scenario(tmp_path: Path, subject: str, factors: str, expected: str) -> None:
    """A wrong key of a command is an error with its line."""
    more = f"requests: [x]\n{factors}\n"
    house = command_house(tmp_path, "", subject=f"subject: {subject}\n", more=more)
    with pytest.raises(InputError) as caught:
        _ = house.scenario
    assert expected in str(caught.value)
    assert "tiny.yaml:" in str(caught.value)


def test_ctrl_c_ends_everything(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Ctrl-C ends the command and its children with the run."""
    house = command_house(tmp_path, 'ask("1")')
    house.record(provider.base_url)
    command_house(
        tmp_path,
        """
        import subprocess
        other = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        open("pids", "w").write(f"{os.getpid()} {other.pid}")
        ask("1")
        import threading; threading.Event().wait()
        """,
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(house.scenario_file)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := list(tmp_path.glob("flagbench-*/workdir/pids"))):
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)
    started = [int(pid) for pid in found[0].read_text().split()]
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=PATIENCE_SECONDS)
    assert run.returncode == 2, out.decode()
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
