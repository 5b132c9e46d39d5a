"""The clocks of the process during a cell: they follow the cell's virtual clock."""

import functools
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, Protocol

import time_machine

from flagbench.run import turn_threads

# The wall clock of every cell starts here, so that a prompt with a date is the same in every run.
START = datetime(2026, 1, 1, tzinfo=UTC)

# Packages whose waits are for something real, such as another process: their clocks stay real.
_REAL_CALLERS = frozenset(
    [
        "_pytest",
        "asyncio",
        "execnet",
        "flagbench",
        "http",
        "httpcore",
        "httpcore2",
        "multiprocessing",
        "pluggy",
        "pytest_timeout",
        "selectors",
        "signal",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "time_machine",
        "vcr",
        "xdist",
    ]
)
# It runs functions of the subject, which may be `time.sleep` itself, and never sleeps.
_REAL_SLEEPERS = _REAL_CALLERS - {"flagbench"}


class Clock(Protocol):
    """A virtual clock."""

    on_advance: Callable[[int], None]

    def time(self) -> float:
        """Seconds since its start."""

    def block(self, seconds: float) -> None:
        """Pass a synchronous sleep."""

    def current(self) -> object:
        """The calling thread, or None if it is not its clock."""


@contextmanager
def following(clock: Clock) -> Iterator[None]:
    """Let the clocks of this process follow a virtual one while the context is open.

    The wall clock (`time.time`, `datetime.now`, ...), in UTC, starts at `START`; `time.monotonic`
    and `time.perf_counter` read the virtual seconds; `time.sleep` passes on the virtual clock. CPU
    time stays real, and so do the clocks of threads that the subject did not start.
    """
    replaced = {**_replacements(clock), **turn_threads.REPLACED}
    names = _imported_names()
    with time_machine.travel(START, tick=False) as traveller:
        clock.on_advance = lambda ticks: traveller.shift(timedelta(microseconds=ticks))
        names.replace(replaced)
        try:
            yield
        finally:
            names.restore(replaced)
            clock.on_advance = lambda _: None


def _replacements(clock: Clock) -> dict[Callable[..., Any], Callable[..., Any]]:
    """Functions of `time` and those in their place."""

    def virtual(real: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
        real_callers = _REAL_SLEEPERS if real is time.sleep else _REAL_CALLERS

        @functools.wraps(real)
        def call(*args: Any) -> Any:
            caller = sys._getframe(1).f_globals.get("__name__", "").partition(".")[0]
            if caller in real_callers or clock.current() is None:
                return real(*args)
            return function(*args)

        return call

    functions: Mapping[Callable[..., Any], Callable[..., Any]] = {
        time.sleep: clock.block,
        time.monotonic: clock.time,
        time.perf_counter: clock.time,
        time.monotonic_ns: lambda: round(clock.time() * 1e6) * 1000,
        time.perf_counter_ns: lambda: round(clock.time() * 1e6) * 1000,
    }
    return {real: virtual(real, function) for real, function in functions.items()}


class _ImportedNames:
    """Names in modules that hold what a cell replaces, such as after `from time import sleep`."""

    def __init__(self) -> None:
        self._seen = dict[str, object]()
        self._last: tuple[int, object] = (0, None)
        self._holders: list[tuple[ModuleType, str, Callable[..., Any]]] = []

    def replace(self, replaced: Mapping[Callable[..., Any], Callable[..., Any]]) -> None:
        """Put the replacements where the functions are."""
        self._look_for({id(real): real for real in replaced})
        for module, name, real in self._holders:
            if vars(module).get(name) is real:
                setattr(module, name, replaced[real])

    def restore(self, replaced: Mapping[Callable[..., Any], Callable[..., Any]]) -> None:
        """Put the functions back, also into modules imported in between."""
        self._look_for({id(virtual): real for real, virtual in replaced.items()})
        for module, name, real in self._holders:
            if vars(module).get(name) is replaced[real]:
                setattr(module, name, real)

    def _look_for(self, wanted: Mapping[int, Callable[..., Any]]) -> None:
        """Note the names of these functions in modules that were not looked at before."""
        last = len(sys.modules), next(reversed(sys.modules.values()))
        if last == self._last:
            return
        self._last = last
        seen = self._seen.get
        new = [item for item in sys.modules.items() if seen(item[0]) is not item[1]]
        self._seen.update(new)
        for module_name, module in new:
            is_real = module_name.partition(".")[0] in _REAL_CALLERS
            if is_real or not isinstance(module, ModuleType):
                continue
            for name, value in list(vars(module).items()):
                if id(value) in wanted:
                    self._holders.append((module, name, wanted[id(value)]))


@functools.cache
def _imported_names() -> _ImportedNames:
    """The names of this process: most cells meet no new module."""
    return _ImportedNames()
