"""What a well-behaved child gets: answers, its own files, and nothing of the run's."""

import subprocess
import sys
import textwrap

import pytest
from attacks import EXECUTOR, fault, run

from flagbench.acceptance.sandbox.sandbox import Raised, Sandbox


def test_answers_and_keeps_its_state(sandbox: Sandbox) -> None:
    """A child answers one command after the other, in one process."""
    with sandbox.child(EXECUTOR, {}) as child:
        child.ask({"code": "import sys; sys.seen = {'é': [1, None, 2.5]}"})
        assert child.ask({"code": "import sys; result = sys.seen"}) == {"é": [1, None, 2.5]}


def test_files_are_there(sandbox: Sandbox) -> None:
    """The files lie in the working directory, as they were given, and nothing else does."""
    files = {"app/main.py": "VALUE = 'ü'\r\n", "a.txt": ""}
    code = """
        import os
        result = [open('app/main.py', newline='').read(), sorted(os.listdir('.'))]
    """
    with sandbox.child(EXECUTOR, files) as child:
        assert child.ask({"code": textwrap.dedent(code)}) == [
            "VALUE = 'ü'\r\n",
            ["a.txt", "app"],
        ]


def test_children_share_nothing(sandbox: Sandbox) -> None:
    """What one child writes and sets, the next one does not see."""
    run(sandbox, "import sys, os; sys.mark = 1; open('mark', 'w').close(); os.environ['M']='1'")
    code = "import sys, os; result = [hasattr(sys, 'mark'), os.listdir('.'), 'M' in os.environ]"
    assert run(sandbox, code) == [False, [], False]


def test_two_at_once(sandbox: Sandbox) -> None:
    """Two children live side by side, each with its own files."""
    with sandbox.child(EXECUTOR, {"a": "1"}) as one, sandbox.child(EXECUTOR, {"a": "2"}) as two:
        read = {"code": "result = open('a').read()"}
        assert [one.ask(read), two.ask(read)] == ["1", "2"]


def test_exception(sandbox: Sandbox) -> None:
    """An exception comes back with type, message and traceback, and the child lives on."""
    with sandbox.child(EXECUTOR, {}) as child:
        with pytest.raises(Raised) as told:
            child.ask({"code": "def fall():\n    raise KeyError('name')\nfall()"})
        assert (told.value.type, told.value.message) == ("KeyError", "'name'")
        assert "in fall" in told.value.traceback_text
        assert child.ask({"code": "result = 1"}) == 1


def test_output(sandbox: Sandbox) -> None:
    """What is printed by Python and beneath it is kept, without what moves a cursor."""
    with sandbox.child(EXECUTOR, {}) as child:
        child.ask({"code": "import os; print('one'); os.write(2, b'tw\\x1b[2Jo\\xff')"})
        assert child.output == "one\ntw\ufffd[2Jo\ufffd"


def test_loopback(sandbox: Sandbox) -> None:
    """A child may serve itself on 127.0.0.1, in a thread."""
    code = """
        import socket, threading
        server = socket.create_server(("127.0.0.1", 0))
        def serve():
            connection, _ = server.accept()
            connection.sendall(b"hello")
            connection.close()
        threading.Thread(target=serve).start()
        result = socket.create_connection(server.getsockname()).recv(5).decode()
    """
    assert run(sandbox, textwrap.dedent(code)) == "hello"


def test_event_loop(sandbox: Sandbox) -> None:
    """An event loop that warming left behind is not shared."""
    code = """
        import asyncio, warnings
        warnings.simplefilter("ignore")
        slept = asyncio.sleep(0.01, "slept")
        result = [asyncio.get_event_loop().run_until_complete(slept)]
        result.append(asyncio.run(asyncio.sleep(0.01, "again")))
    """
    assert run(sandbox, textwrap.dedent(code)) == ["slept", "again"]


def test_interrupt(sandbox: Sandbox) -> None:
    """A child that interrupts itself raises what Python raises, as it would outside."""
    code = "import signal; signal.raise_signal(signal.SIGINT)"
    assert fault(sandbox, code) == "Raised: KeyboardInterrupt"


def test_own_modules(sandbox: Sandbox) -> None:
    """What was not imported while warming can still be."""
    code = "import email.mime.text, sqlite3, fastapi, decimal; result = str(decimal.Decimal(1))"
    assert run(sandbox, code) == "1"


def test_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is built anew; nothing of the run's is in it."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    told = run(sandbox, "import os; result = dict(os.environ, cwd=os.getcwd())")
    assert told.keys() == {
        "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE",
        "cwd",
    }  # fmt: skip
    assert told["HOME"] == told["TMPDIR"] == told["cwd"]


def test_same_hashes(sandbox: Sandbox) -> None:
    """Sets of strings have the same order in every child of every run."""
    command = [sys.executable, "-c", "print(hash('a'))"]
    outside = subprocess.check_output(command, env={"PYTHONHASHSEED": "0"})
    assert run(sandbox, "result = hash('a')") == int(outside)


def test_descriptors(sandbox: Sandbox) -> None:
    """Only the socket and the output are open; what warming left open leads nowhere."""
    code = """
        import os, stat
        result = []
        for file in range(200):
            try:
                found = os.fstat(file)
            except OSError:
                continue
            nowhere = os.stat(os.devnull).st_rdev == found.st_rdev
            result.append("nowhere" if nowhere else stat.filemode(found.st_mode)[0])
    """
    told = run(sandbox, textwrap.dedent(code))
    assert sorted(one for one in told if one != "nowhere") == ["p", "p", "s"]
