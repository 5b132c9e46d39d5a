"""Modules that are imported while code under test runs."""

import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest

from flagbench.observed_inputs import observed
from flagbench.run import audit_hook
from flagbench.run.own_files import FileWatch


def test_a_late_module_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It alone, and none where nothing is imported."""
    with observed("some.subject") as none:
        pass
    with observed("some.subject") as one:
        monkeypatch.setitem(sys.modules, "imported_late", ModuleType("imported_late"))
    assert (none.modules, one.modules) == (set(), {"imported_late"})


def test_a_late_module_is_seen_where_the_last_one_went(monkeypatch: pytest.MonkeyPatch) -> None:
    """No longer knowing where the new ones begin, it sees too many rather than too few."""
    monkeypatch.setitem(sys.modules, "imported_before", ModuleType("imported_before"))
    with observed("some.subject") as inputs:
        del sys.modules["imported_before"]
        monkeypatch.setitem(sys.modules, "imported_late", ModuleType("imported_late"))
    assert {"imported_late", "sys"} <= inputs.modules


def test_looks_of_the_watches_are_not_those_of_the_subject(tmp_path: Path) -> None:
    """To see that a file was read or written they look at it, which counts its time of change."""
    (tmp_path / "words.txt").write_text("words")
    watches = FileWatch(tmp_path, lambda error: pytest.fail(str(error))).watches
    with observed("some.subject") as inputs, audit_hook.hook().watching(watches):
        text = (tmp_path / "words.txt").read_text()
        (tmp_path / "made.txt").write_text(text)
        assert inputs.places == set()
        assert (tmp_path / "words.txt").exists()
    assert inputs.places == {str(tmp_path / "words.txt")}


def test_a_look_at_a_name_with_a_nul_is_no_input() -> None:
    """Code may ask whether a text that a model wrote is a file; the answer is no, in every run."""
    with observed("some.subject") as inputs, tempfile.TemporaryDirectory() as folder:
        assert not Path(folder, "a\0").exists()
    assert not any("\0" in place for place in inputs.places)


def test_the_end_of_the_process_is_quiet(tmp_path: Path) -> None:
    """Python clears the names of modules then, and still opens files."""
    lines = [
        "from flagbench import process_watch",
        "process_watch.Watch()",
        "names = vars(process_watch)",
        "names.update(dict.fromkeys(name for name in names if not name.startswith('__')))",
        f"open({str(tmp_path / 'x')!r}, 'w').close()",
    ]
    command = [sys.executable, "-c", "\n".join(lines)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
