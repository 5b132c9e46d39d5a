"""Locks that modules and classes have held since before a cell: they get turns during it."""

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from flagbench.run import turn_locks

# They lock for the interpreter, for the harness, or for what is real.
_SKIPPED = frozenset({"_thread", "asyncio", "flagbench", "multiprocessing", "threading"})


class _HeldLocks:
    """The locks of this process: most cells meet no new module."""

    def __init__(self) -> None:
        self._seen = dict[str, object]()
        self._locks: list[tuple[ModuleType | type, str, Any]] = []

    def replace(self) -> None:
        """Put locks with turns in place of real ones."""
        self._look()
        for owner, name, real in self._locks:
            if vars(owner).get(name) is real:
                setattr(owner, name, turn_locks.wrapped(real))

    def restore(self) -> None:
        """Put the real ones back."""
        for owner, name, real in self._locks:
            if vars(owner).get(name) is turn_locks.wrapped(real):
                setattr(owner, name, real)

    def _look(self) -> None:
        seen = self._seen.get
        new = [item for item in sys.modules.items() if seen(item[0]) is not item[1]]
        self._seen.update(new)
        for module_name, module in new:
            if module_name.partition(".")[0] in _SKIPPED or not isinstance(module, ModuleType):
                continue
            self._add(module)
            for value in list(vars(module).values()):
                # By the type, since an attribute of a lazy module would import it.
                if issubclass(type(value), type) and vars(value).get("__module__") == module_name:
                    self._add(value)

    def _add(self, owner: ModuleType | type) -> None:
        for name, value in list(vars(owner).items()):
            if type(value) is functools.cached_property:
                turn_locks.adopt_property(value)
            elif turn_locks.is_real(value):
                self._locks.append((owner, name, value))


@functools.cache
def _of_this_process() -> _HeldLocks:
    return _HeldLocks()


@contextmanager
def with_turns() -> Iterator[None]:
    """Give turns to the locks of modules and classes while the context is open."""
    locks = _of_this_process()
    locks.replace()
    try:
        yield
    finally:
        locks.restore()
