"""Modules that are imported while code under test runs."""

import sys
from types import ModuleType

import pytest

from flagbench.observed_inputs import observed


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
