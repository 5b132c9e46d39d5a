"""Local work of a series: CPU time that the virtual clock leaves out, held against its control."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flagbench import known_amounts
from flagbench.run.time_labels import EXACT
from flagbench.scenario.targets import Target
from flagbench.series.series import MeasuredCell
from flagbench.verdict.verdict import TARGET, BoundCheck

METRIC = "local_cpu_ratio"
DEFAULT = Target(METRIC, "<=", 1.5, "<= 1.5")
# Less than this is small beside a call, and beside the virtual seconds: no ratio of it counts.
_SMALL_SECONDS_A_CALL = 0.01
_SMALL_SHARE = 0.05
REPETITIONS = 5
# CPU seconds of a cell and of its control's.
Pair = tuple[float, float]
# Fewer do not tell how far a command differs from itself on a loaded machine.
_TELLING_TRIALS = 3


@dataclass(frozen=True, slots=True)
class LocalWork:
    """CPU seconds of a cell and of its control's.

    Where they stand out above the control's, both are the least of repetitions, since whatever else
    runs on the machine only adds to them; how far the medians are above the least adds up to
    `noise_seconds`. Else they are measured once, medians over the trials, or until they stand out
    no more, and the noise is None. That of a command, which is not repeated, is half the ranges of
    the trials, and of fewer than three at least half the control's seconds.
    `virtual_seconds` is None where the time is unknown: the work of a call alone is the bound.
    `own_seconds` are the real ones of a command without a pending call, its median over the trials;
    None for a function.
    """

    seconds: float
    control_seconds: float
    virtual_seconds: float | None
    calls: int
    noise_seconds: float | None = None
    own_seconds: float | None = None

    @property
    def small_seconds(self) -> float:
        """CPU seconds up to which local work is small."""
        per_call = _SMALL_SECONDS_A_CALL * max(self.calls, 1)
        return min(per_call, _SMALL_SHARE * (self.virtual_seconds or 0.0) or per_call)

    @property
    def stands_out(self) -> bool:
        """True if the local work is not small."""
        return self.seconds > self.small_seconds

    @property
    def ratio(self) -> float:
        """The local work over that of the control."""
        return self.seconds / max(self.control_seconds, 1e-6)

    def check(self, target: Target) -> BoundCheck:
        """Hold the ratio against a bound. Small work, and what may be noise, keeps every bound."""
        extra_seconds = self.seconds - self.control_seconds - 2 * (self.noise_seconds or 0.0)
        counts = self.noise_seconds is not None and extra_seconds > self.small_seconds
        held = target.holds(self.ratio) or not counts
        return BoundCheck(METRIC, TARGET, target.text, round(self.ratio, 2), held)

    def __str__(self) -> str:
        """The words for a report, "" for small work of a function."""
        seconds = self.virtual_seconds
        beside = "an unknown time" if seconds is None else f"{seconds:g} s"
        if self.own_seconds is not None:
            return (
                f"the command itself takes {self.own_seconds:.2f} real seconds a trial "
                f"({self.seconds:.2f} s of CPU, control: {self.control_seconds:.2f} s) beside "
                f"{beside} on the virtual clock, which leaves them out"
            )
        if not self.stands_out or self.noise_seconds is None:
            return ""
        return (
            f"local work is {self.seconds:.2f} s of CPU a trial (± {self.noise_seconds:.2f}, "
            f"control: {self.control_seconds:.2f} s) beside {beside} on the "
            "virtual clock, which leaves it out"
        )


def local_work(
    cells: Sequence[MeasuredCell],
    control: Sequence[MeasuredCell],
    again: Callable[[float], Sequence[Pair]],
) -> LocalWork:
    """Measure the local work of a series.

    Every cell was measured once, as it ran. Only work that stands out above the control's is
    repeated: `again` gives the CPU seconds of runs of a cell and of its control's, no more of them
    than it takes until the extra of the least is as small as it is given. That of a command, which
    starts a program each time, is compared over the trials.
    """
    once = LocalWork(
        _median(cells),
        _median(control),
        _virtual(cells),
        max(round(statistics.median(map(_calls, cells))), 1),
    )
    if any(cell.measurement.time != EXACT for cell in cells):
        ranges = [_range([cell.local_cpu_seconds for cell in each]) for each in (cells, control)]
        few = min(len(cells), len(control)) < _TELLING_TRIALS
        noise = max(math.fsum(ranges) / 2, once.control_seconds / 2 if few else 0.0)
        own_seconds = statistics.median(cell.own_seconds for cell in cells)
        return replace(once, noise_seconds=noise, own_seconds=own_seconds)
    if once.seconds - once.control_seconds <= once.small_seconds:
        return once
    pairs = again(once.small_seconds)
    own, others = zip(*pairs, strict=True)
    repeated = replace(once, seconds=min(own), control_seconds=min(others))
    if least_extra_seconds(pairs) <= once.small_seconds:
        return repeated
    return replace(repeated, noise_seconds=_excess(own) + _excess(others))


def least_extra_seconds(pairs: Sequence[Pair]) -> float:
    """The least CPU seconds of a cell, less the least of its control's."""
    return min(own for own, _ in pairs) - min(control for _, control in pairs)


def _calls(cell: MeasuredCell) -> int:
    """The calls of a cell, of models and of services."""
    return cell.measurement.calls + (cell.measurement.service_calls or 0)


def _virtual(cells: Sequence[MeasuredCell]) -> float | None:
    seconds = known_amounts.all_known(cell.measurement.seconds for cell in cells)
    return statistics.median(seconds) if seconds else None


def _median(cells: Sequence[MeasuredCell]) -> float:
    return statistics.median(cell.local_cpu_seconds for cell in cells)


def _excess(values: Sequence[float]) -> float:
    return statistics.median(values) - min(values)


def _range(values: Sequence[float]) -> float:
    return max(values) - min(values)
