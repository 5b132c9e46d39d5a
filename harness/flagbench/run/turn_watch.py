"""A look from outside at threads that do not hand on their turn, because native code waits."""

from collections.abc import Collection
from enum import Enum, auto
from time import perf_counter

from flagbench.run import native_waits
from flagbench.run.strand import Strand

# Real seconds for which a thread may work without handing on the turn.
WORK_AT_MOST_SECONDS = 300.0
# Real seconds between two looks at what is outside of the turns, and for which it must be quiet
# before the others go on.
LOOK_SECONDS = 0.01
QUIET_SECONDS = 0.05
# The same for a thread that waits for a child process, whose work takes no virtual time.
_CHILD_QUIET_SECONDS = 1.0


class Sight(Enum):
    """The state of the thread that has the turn."""

    WORKS = auto()
    WAITS = auto()
    OVERWORKED = auto()


class HolderWatch:
    """Watch of the thread that has the turn, by those that are parked."""

    def __init__(self) -> None:
        self._turn = -1
        self._began = self._looked = 0.0
        self._state: tuple[object, ...] | None = None
        self._same_since = 0.0

    def look(self, holder: Strand, turn: int) -> Sight:
        """The state of the thread that has a turn; it waits if it has not moved for a while."""
        now = perf_counter()
        if turn != self._turn or native_waits.is_of_harness(holder):
            self._turn, self._began, self._looked, self._state = turn, now, now, None
            return Sight.WORKS
        if now - self._began > WORK_AT_MOST_SECONDS:
            return Sight.OVERWORKED
        if now - self._looked < QUIET_SECONDS:
            return Sight.WORKS
        self._looked = now
        state = native_waits.state_of(holder)
        if state is None or state != self._state:
            self._state, self._same_since = state, now
            return Sight.WORKS
        is_for_child = native_waits.is_for_child(holder)
        quiet_seconds = _CHILD_QUIET_SECONDS if is_for_child else QUIET_SECONDS
        return Sight.WAITS if now - self._same_since >= quiet_seconds else Sight.WORKS


class Outside:
    """Watch of what is outside of the turns, while no thread is ready."""

    def __init__(self) -> None:
        self._began = self._quiet_since = perf_counter()
        self._states: tuple[object, ...] | None = None

    def is_quiet(self, detached: Collection[Strand]) -> bool:
        """True once all threads that wait in native code have done so for a while."""
        if not detached:
            return True
        states = native_waits.states_of(detached)
        if states is None or states != self._states:
            self._states = states
            self.note_work()
        return self.quiet_seconds >= QUIET_SECONDS

    def note_work(self) -> None:
        """Count the quiet from now."""
        self._quiet_since = perf_counter()

    @property
    def quiet_seconds(self) -> float:
        """Real seconds since the last work."""
        return perf_counter() - self._quiet_since

    @property
    def seconds(self) -> float:
        """Real seconds since the watch began."""
        return perf_counter() - self._began
