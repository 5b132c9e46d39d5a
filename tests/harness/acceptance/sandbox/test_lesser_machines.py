"""Machines that offer less: fewer walls, told, and never an exception."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from attacks import LIMITS, PROJECT, WARM, run
from patience import PATIENCE_SECONDS

from flagbench.acceptance.sandbox import fork_server_client
from flagbench.acceptance.sandbox.isolation import Isolation
from flagbench.acceptance.sandbox.sandbox import Sandbox, SandboxFailed


def test_no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel without Landlock."""
    isolation = _start(monkeypatch, "import landlockpy; landlockpy.supported = bool")
    assert "Landlock (this kernel does not have it)" in isolation.missing


def test_unknown_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of whose calls there is no table."""
    isolation = _start(monkeypatch, "import platform; platform.machine = lambda: 'vax'")
    assert any(one.startswith("seccomp (") for one in isolation.missing)


def test_no_user_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that forbids user namespaces, and with them all others."""
    lack = """
        from flagbench.acceptance.sandbox import linux_calls
        def refuse(flags): raise PermissionError(1, "Operation not permitted", "unshare")
        linux_calls.unshare = refuse
    """
    isolation = _start(monkeypatch, lack)
    assert isolation.words == "Landlock, seccomp, limits"
    assert len(isolation.missing) == 6
    assert all("operation not permitted" in one for one in isolation.missing)


def test_useless_user_namespaces(full: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lets a user namespace be made and then allows nothing in it."""
    lack = """
        from flagbench.acceptance.sandbox import linux_calls
        right = linux_calls.unshare
        def refuse(flags):
            if flags != 0x10000000: raise PermissionError(13, "Permission denied", "unshare")
            right(flags)
        linux_calls.unshare = refuse
    """
    isolation = _start(monkeypatch, lack)
    assert isolation.words == "Landlock, seccomp, limits"
    assert "user namespace (it would allow no other namespace)" in isolation.missing


def test_only_unix(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Unix that is not Linux has limits."""
    lack = """
        sys.platform = 'darwin'
        sys.modules |= dict.fromkeys(["landlockpy", "seccompy"])
    """
    isolation = _start(monkeypatch, lack)
    assert isolation.words == "limits"
    assert len(isolation.missing) == 8
    assert all("(only Linux has it)" in wall for wall in isolation.missing)


def test_wall_that_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wall that was raised without an error, and does not hold, is not counted."""
    lack = """
        from flagbench.acceptance.sandbox import seccomp
        seccomp.filter_calls = lambda common, **_: None
    """
    assert "seccomp (it does not hold)" in _start(monkeypatch, lack).missing


def test_wall_that_falls() -> None:
    """A wall that stood at the start and cannot be raised later is the harness's failure."""
    with Sandbox(WARM, limits=LIMITS, walls=frozenset({"limits", "landlock"})) as sandbox:
        sandbox._walls |= {"uts"}
        with pytest.raises(SandboxFailed, match=r"could not be raised again \(uts\)"):
            run(sandbox, "result = 1")
        # The parent was told of nothing that forbids the wall, and leaves it to the child.
        sandbox._server.walls |= {"mount"}
        sandbox._walls = frozenset({"limits", "mount"})
        with pytest.raises(SandboxFailed, match=r"could not be raised again \(mount: "):
            run(sandbox, "result = 1")


def test_odd_run() -> None:
    """A run with signals ignored and blocked, guarded modes and few files."""
    script = """
        import os, resource, signal
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        os.umask(0o077)
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
        from attacks import EXECUTOR, WARM, run
        from flagbench.acceptance.sandbox.sandbox import Sandbox
        with Sandbox(WARM) as sandbox:
            print(sandbox.isolation.words)
            code = "import signal; result = [open('a/b').read(), *signal.pthread_sigmask(0, ())]"
            with sandbox.child(EXECUTOR, {"a/b": "text"}) as child:
                print(child.ask({"code": code}))
    """
    path = os.pathsep.join(
        [str(PROJECT / "harness"), str(Path(__file__).parents[1]), str(Path(__file__).parent)]
    )
    command = [sys.executable, "-c", textwrap.dedent(script)]
    env = {**os.environ, "PYTHONPATH": path}
    words, told = subprocess.check_output(
        command, env=env, text=True, timeout=PATIENCE_SECONDS
    ).splitlines()
    with Sandbox(WARM) as sandbox:
        assert words == sandbox.isolation.words
    assert told == "['text']"


def _start(monkeypatch: pytest.MonkeyPatch, lack: str) -> Isolation:
    """The isolation obtained where something lacks, by a sandbox that works all the same."""
    head, main = fork_server_client._BOOT.rsplit("from flagbench", 1)
    boot = f"{head}{textwrap.dedent(lack)}\nfrom flagbench{main}"
    monkeypatch.setattr(fork_server_client, "_BOOT", boot)
    with Sandbox(WARM, limits=LIMITS) as sandbox:
        assert run(sandbox, "result = open('a').read()", a="text") == "text"
        return sandbox.isolation
