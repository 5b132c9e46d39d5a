"""Each wall alone: what it stops, and that nothing else stops it when the wall is not there."""

import ctypes
import os
import socket
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks import EXECUTOR, LIMITS, WARM, fault, run

from flagbench.acceptance.sandbox.isolation import ALL, WALLS, Isolation, isolation_of
from flagbench.acceptance.sandbox.sandbox import Sandbox

# What gets through where its wall is missing, and leaves `result` true.
ATTEMPTS = {
    "user": """
        import errno, os
        try: os.setuid(os.getuid() + 1)
        except OSError as error: result = error.errno == errno.EPERM
    """,
    "mount": "import os; result = os.path.exists({outside!r})",
    "network": """
        import socket
        try: result = socket.create_connection(("127.0.0.1", {port}), 1).recv(5) == b"hello"
        except OSError: result = False
    """,
    "pid": """
        import os
        try: os.kill({run}, 0); result = True
        except ProcessLookupError: result = False
    """,
    "ipc": """
        import ctypes
        result = ctypes.CDLL(None).shmget({segment}, 0, 0) != -1
    """,
    "uts": "import socket; result = socket.gethostname() == {host!r}",
    "landlock": """
        try: result = bool(open({outside!r}).read())
        except PermissionError: result = False
    """,
    "seccomp": """
        import os
        try: child = os.fork()
        except PermissionError: result = False
        else:
            if not child: os._exit(0)
            result = os.waitpid(child, 0)[1] == 0
    """,
    "limits": """
        try: result = bool(bytearray({much}))
        except MemoryError: result = False
    """,
}


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What the attempts are after: a file, a server, a shared segment, this process."""
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    libc = ctypes.CDLL(None)
    key, create, remove = 0x5EC0DE, 0o1600, 0
    segment = libc.shmget(key, 4096, create)
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
        server.setblocking(False)
        yield {
            "outside": str(tmp_path / "secret"),
            "server": server,
            "port": server.getsockname()[1],
            "run": os.getpid(),
            "segment": key,
            "host": socket.gethostname(),
            "much": LIMITS.memory_bytes * 2,
        }
    libc.shmctl(segment, remove, None)


def _attempt(wall: str, walls: frozenset[str], outside: dict[str, object]) -> bool:
    """Whether an attempt gets through these walls."""
    code = textwrap.dedent(ATTEMPTS[wall]).format(**outside)
    with Sandbox(WARM, limits=LIMITS, walls=walls) as sandbox:
        if set(sandbox.isolation.standing) != walls:
            pytest.skip(f"this machine lacks {sandbox.isolation.missing}")
        if wall == "network":
            return _connects(sandbox, code, outside["server"])
        return run(sandbox, code) is True


def _connects(sandbox: Sandbox, code: str, server: object) -> bool:
    """As above, for a server that greets."""
    import threading

    assert isinstance(server, socket.socket)
    server.settimeout(5)

    def greet() -> None:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.sendall(b"hello")

    greeting = threading.Thread(target=greet)
    greeting.start()
    try:
        return run(sandbox, code) is True
    finally:
        server.shutdown(socket.SHUT_RDWR)
        greeting.join()


# Without privileges a namespace needs a user namespace around it, and alone that is not kept.
NEEDS = {
    "user": {"user", "uts"},
    **{wall: {"user", wall} for wall in ("mount", "network", "pid", "ipc", "uts")},
}


@pytest.mark.parametrize("wall", WALLS)
def test_wall_alone(wall: str, outside: dict[str, object]) -> None:
    """What the wall is for is stopped by it alone."""
    assert not _attempt(wall, frozenset(NEEDS.get(wall, {wall})), outside)


@pytest.mark.parametrize("wall", WALLS)
def test_wall_missing(wall: str, outside: dict[str, object]) -> None:
    """The same gets through when no wall is there: the test above tests the wall."""
    if wall == "user" and Path("/proc/self/uid_map").read_text().split()[2] != "4294967295":
        pytest.skip("this run is in a user namespace itself")
    assert _attempt(wall, frozenset(), outside)


def test_all_walls(full: Sandbox) -> None:
    """With all of them the isolation is full, and says so in words."""
    assert full.isolation.words == (
        "user, mount, network, pid, ipc, uts namespaces, Landlock, seccomp, limits"
    )


class TestIsolation:
    """The words for what was obtained."""

    def test_partly(self) -> None:
        """What stands and what does not, with the reason, in the order of the walls."""
        isolation = isolation_of({"limits", "uts"}, {"user": "forbidden"})
        assert isolation.words == "uts namespace, limits"
        assert isolation.missing[:2] == (
            "user namespace (forbidden)",
            "mount namespace (not tried)",
        )
        assert "Landlock (not tried)" in isolation.missing
        assert not isolation.is_full

    def test_none(self) -> None:
        """No wall is told as that."""
        assert isolation_of((), {}).words == "none"

    def test_full(self) -> None:
        """Nothing is missing from all."""
        assert isolation_of(ALL, {}) == Isolation(WALLS, ())
        assert isolation_of(ALL, {}).is_full


def test_root_holds_nothing_else(full: Sandbox) -> None:
    """The child's root holds what Python needs; its temporary directory and /proc are not there."""
    assert run(full, "import os; result = os.path.exists('/.old')") is False
    code = "import os; result = [os.path.exists(one) for one in ('/var', '/proc', '/sys', '/home')]"
    shown = [Path(sys.prefix).is_relative_to(one) for one in ("/var", "/proc", "/sys", "/home")]
    assert run(full, code) == shown


def test_packages_are_read_only(full: Sandbox) -> None:
    """A package cannot be changed for the next child."""
    code = f"open({pytest.__file__!r}, 'a')"
    assert fault(full, code).startswith(("Raised: PermissionError", "Raised: OSError"))
    with full.child(EXECUTOR, {}) as child:
        child.ask({"code": "import json; json.loads = None"})
    assert run(full, "import json; result = json.loads('1')") == 1


def test_root_is_read_only_by_itself() -> None:
    """What the root holds cannot be changed, and neither can the root, without other walls too."""
    walls = frozenset({"user", "mount"})
    with Sandbox(WARM, limits=LIMITS, walls=walls) as sandbox:
        if set(sandbox.isolation.standing) != walls:
            pytest.skip(f"this machine lacks {sandbox.isolation.missing}")
        for place in ("/", "/etc", str(Path(pytest.__file__).parent)):
            told = fault(sandbox, f"open({place + '/flagbench-was-here'!r}, 'w')")
            assert told.startswith("Raised: OSError: [Errno 30] Read-only file system")


def test_length_of_others_by_itself(tmp_path: Path) -> None:
    """A file that may only be read is not cut short where Landlock does not guard it."""
    file = tmp_path / "file"
    file.write_text("text", encoding="utf-8")
    with Sandbox(WARM, limits=LIMITS, walls=frozenset({"seccomp"})) as sandbox:
        if "seccomp" not in sandbox.isolation.standing:
            pytest.skip("this machine lacks seccomp")
        for code in (f"os.open({str(file)!r}, os.O_TRUNC)", f"os.truncate({str(file)!r}, 0)"):
            assert fault(sandbox, f"import os; {code}").startswith("Raised: PermissionError")
    assert file.read_text(encoding="utf-8") == "text"
