"""The harness's own failures, and the end of a sandbox and of a run."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from attacks import EXECUTOR, LIMITS, WARM, run
from patience import PATIENCE_SECONDS

from flagbench.acceptance.sandbox.sandbox import Sandbox, SandboxFailed


def test_warming_fails() -> None:
    """A parent that cannot warm up is the harness's failure, with the reason."""
    with pytest.raises(SandboxFailed, match="the package broken is broken"):
        Sandbox("child_programs:refuse_to_warm")


def test_no_such_module() -> None:
    """So is one whose warming is not there."""
    with pytest.raises(SandboxFailed, match="No module named 'nowhere'"):
        Sandbox("nowhere:warm")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("child_programs:broken_factory", "nothing to answer with"),
        ("child_programs:no_such", "no_such"),
        ("no_such_module:answer", "No module named 'no_such_module'"),
    ],
)
def test_no_answerer(sandbox: Sandbox, answer: str, told: str) -> None:
    """What answers is the harness's: its failure is not the artifact's."""
    with pytest.raises(SandboxFailed, match=told), sandbox.child(answer, {}):
        pass


def test_parent_dies() -> None:
    """A parent that was killed is told, and started again for the next child."""
    with Sandbox(WARM, limits=LIMITS) as sandbox:
        assert sandbox._server._process is not None
        folder = sandbox._server._folder
        told = pytest.raises(SandboxFailed, match="fork server ended")
        with told, sandbox.child(EXECUTOR, {}) as child:
            sandbox._server._process.kill()
            sandbox._server._process.wait()
            time.sleep(0.2)
            child.ask({"code": "result = 1"})
        assert run(sandbox, "result = 1") == 1
        assert not Path(folder).exists()


def test_closed() -> None:
    """A sandbox can be closed twice, and leaves no process and no file."""
    with Sandbox(WARM, limits=LIMITS) as sandbox:
        with sandbox.child(EXECUTOR, {}) as child:
            child.ask({"code": "import threading, time; result = 1"})
            processes = _family(sandbox, child._channel._process)
            assert len(processes) == 3
        folder = Path(sandbox._server._folder)
    sandbox.close()
    assert [one for one in processes if _is_alive(one)] == []
    assert not folder.exists()


def test_closed_with_a_child() -> None:
    """A child that is still busy ends with its sandbox."""
    sandbox = Sandbox(WARM, limits=LIMITS)
    context = sandbox.child(EXECUTOR, {})
    child = context.__enter__()
    child.ask(
        {"code": "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()"}
    )
    processes = _family(sandbox, child._channel._process)
    sandbox.close()
    assert [one for one in processes if _is_alive(one)] == []
    with pytest.raises(SandboxFailed):
        context.__exit__(None, None, None)


def test_environment_of_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent never had the run's environment: no memory that a child has a copy of holds it."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with Sandbox(WARM, limits=LIMITS) as sandbox:
        assert sandbox._server._process is not None
        had = Path(f"/proc/{sandbox._server._process.pid}/environ").read_text()
    assert "PYTHONHASHSEED" in had
    assert "OPENAI_API_KEY" not in had


def test_stray() -> None:
    """Where a child can start processes and free them of itself, they end with it all the same."""
    code = """
        import os, time
        told, tell = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(tell, str(os.getpid()).encode())
                time.sleep(60)
            os._exit(0)
        result = int(os.read(told, 20))
    """
    walls = frozenset({"limits"})
    with Sandbox(WARM, limits=LIMITS, walls=walls) as sandbox:
        with sandbox.child(EXECUTOR, {}) as child:
            stray = child.ask({"code": textwrap.dedent(code)})
            assert _is_alive(stray)
        assert not _is_alive(stray)


@pytest.mark.parametrize("walls", ["ALL", "ALL - frozenset(NAMESPACES)", "frozenset()"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_run_ends(walls: str, end: signal.Signals) -> None:
    """Nothing outlives a run that is killed, or ended by Ctrl-C, while a child is busy."""
    script = f"""
        from flagbench.acceptance.sandbox.isolation import ALL, NAMESPACES
        from flagbench.acceptance.sandbox.sandbox import Sandbox
        import test_sandbox_end
        with Sandbox("child_programs:warm", walls={walls}) as sandbox:
            with sandbox.child("child_programs:executor", {{}}) as child:
                child.ask({{"code": "1"}})
                family = test_sandbox_end._family(sandbox, child._channel._process)
                print(*family, sandbox._server._folder, flush=True)
                child.ask({{"code": "import time; time.sleep(60)"}})
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    *family, folder = run.stdout.readline().split()
    os.killpg(run.pid, end)
    _, told = run.communicate(timeout=PATIENCE_SECONDS)
    assert ("KeyboardInterrupt" in told) == (end == signal.SIGINT)
    until = time.monotonic() + PATIENCE_SECONDS
    while any(_is_alive(int(one)) for one in family) and time.monotonic() < until:
        time.sleep(0.05)
    assert [one for one in family if _is_alive(int(one))] == []
    assert not Path(folder).exists()


def test_run_ends_while_warming(tmp_path: Path) -> None:
    """Nothing outlives a run that is killed while the parent still warms up."""
    script = """
        from flagbench.acceptance.sandbox.sandbox import Sandbox
        Sandbox("child_programs:warm_without_end")
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**_environment(), "TMPDIR": str(tmp_path)},
    )
    family: list[int] = []
    until = time.monotonic() + PATIENCE_SECONDS
    # Before that, the keeper has other children for a moment: it tries the namespaces in them.
    while "warming" not in map(_name, family) and time.monotonic() < until:
        time.sleep(0.05)
        family = _descendants(run.pid)
    run.kill()
    run.wait()
    until = time.monotonic() + PATIENCE_SECONDS
    while (any(map(_is_alive, family)) or any(tmp_path.iterdir())) and time.monotonic() < until:
        time.sleep(0.05)
    assert [_name(one) for one in family if _is_alive(one)] == []
    assert len(family) == 2
    assert list(tmp_path.iterdir()) == []


def _environment() -> dict[str, str]:
    """That of a process which imports what this test does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def _name(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return ""


def _descendants(process: int) -> list[int]:
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    children = [int(one) for one in text.split()]
    return children + [below for child in children for below in _descendants(child)]


def _family(sandbox: Sandbox, child: int) -> list[int]:
    """The keeper, the warm parent and a child, by the numbers that they have here."""
    assert sandbox._server._process is not None
    keeper = sandbox._server._process.pid
    parents = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
    return [keeper, *map(int, parents), child]


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
