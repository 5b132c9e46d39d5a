"""Several children of one application share its directory; between them little of it stays."""

import tempfile
import textwrap
from pathlib import Path

import pytest
from attacks import EXECUTOR, LIMITS, WARM

from flagbench.acceptance.sandbox.sandbox import Sandbox

READ = {"code": "import os; result = {name: open(name).read() for name in sorted(os.listdir('.'))}"}


def test_children_of_one_application_share_its_files(sandbox: Sandbox) -> None:
    """At the same time; those of another application see none of them."""
    with (
        sandbox.application() as one,
        sandbox.application() as other,
        one.child(EXECUTOR, {"a": "1"}) as first,
        one.child(EXECUTOR, {}) as second,
        other.child(EXECUTOR, {}) as stranger,
    ):
        first.ask({"code": "open('b', 'w').write('2')"})
        assert second.ask(READ) == {"a": "1", "b": "2"}
        assert stranger.ask(READ) == {}
        second.ask({"code": "open('a', 'w').write('3')"})
        assert first.ask(READ) == {"a": "3", "b": "2"}


def test_children_of_one_application_share_no_memory(sandbox: Sandbox) -> None:
    """A new process begins as the first did."""
    mark = {"code": "import sys; result = hasattr(sys, 'mark'); sys.mark = True"}
    with sandbox.application() as application:
        for _ in range(2):
            with application.child(EXECUTOR, {}) as child:
                assert child.ask(mark) is False


LEFT = {
    "a file": "open('left', 'w').close()",
    "a name that looks like the kept one": "open('kept.db.', 'w').close()",
    "a folder with the name of the kept file":
        "import os; os.remove('kept.db'); os.mkdir('kept.db')",
    "a link with the name of the kept file":
        "import os; os.remove('kept.db'); os.symlink('/etc/hosts', 'kept.db')",
    "folders with names that removal uses":
        "import os\nfor name in ('a/b/c', 'a.1/b', 'a.2/c', '.a/b'): os.makedirs(name)",
    "folders that nobody may enter":
        "import os; os.makedirs('a/b'); os.chmod('a/b', 0); os.chmod('a', 0)",
    "deep folders":
        "import os\nfor _ in range(40): os.mkdir('d' * 200); os.chdir('d' * 200)",
    "a link to itself": "import os; os.symlink('.', 'self')",
}  # fmt: skip


@pytest.mark.parametrize("code", LEFT.values(), ids=LEFT)
def test_only_what_is_declared_stays(sandbox: Sandbox, code: str) -> None:
    """Whatever a child leaves, and however it is called."""
    with sandbox.application() as application:
        with application.child(EXECUTOR, {"app/a.py": "", "kept.db": "rows"}) as child:
            child.ask({"code": textwrap.dedent(code)})
        application.tidy(["kept.db", "kept.db-wal"])
        with application.child(EXECUTOR, {}) as child:
            assert child.ask(READ) in ({"kept.db": "rows"}, {})


def test_a_full_disk_is_tidied(full: Sandbox) -> None:
    """Without room for another name, and with none for another byte."""
    code = "import itertools\nfor n in itertools.count(): os.makedirs(f'{n}/a')"
    with full.application() as application:
        with application.child(EXECUTOR, {}) as child, pytest.raises(Exception, match="No space"):
            child.ask({"code": f"import os\n{code}"})
        application.tidy([])
        with application.child(EXECUTOR, {"a": "1"}) as child:
            assert child.ask(READ) == {"a": "1"}


def test_a_deep_temporary_directory_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path of a Unix socket is short on every system."""
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with Sandbox(WARM, limits=LIMITS) as sandbox:
        assert len(sandbox._server.socket_path(100_000)) < 104
        with sandbox.child(EXECUTOR, {"a": "1"}) as child:
            assert child.ask(READ) == {"a": "1"}
