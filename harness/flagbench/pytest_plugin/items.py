"""Pytest items of a scenario file: its series, its baseline's keys and its solution."""

import math
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest

from flagbench.errors import CouldNotRun, FlagbenchError, InputError, Problem
from flagbench.pytest_plugin.heads import COULD_NOT_RUN, PROVISIONAL, WRONG_INPUT
from flagbench.report import series_report, split_text
from flagbench.report.series_report import SeriesReport
from flagbench.report.text import provisional_text, token_remark
from flagbench.scenario import loading as scenarios
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series.runner import SeriesRunner
from flagbench.series.series import solution_folder
from flagbench.shell_command import shell_command
from flagbench.verdict.explanation import Cause
from flagbench.verdict.verdict import Outcome, Verdict

RUNNER = pytest.StashKey[SeriesRunner]()
# A report, and the ids of all series of its scenario with the first report of a process only:
# thousands of series, each with the names of all, would fill the memory.
REPORT = pytest.StashKey[tuple[SeriesReport, tuple[str, ...]]]()
_SHOWN_NAMES = 10  # of series, where none is like the one that was asked for
_DECLARING = pytest.StashKey[set[str]]()


class SeriesBroken(Exception):  # noqa: N818  the verdict's own name
    """A series did not keep its targets or its baseline."""


class SeriesProvisional(Exception):  # noqa: N818  the verdict's own name
    """Recorded calls answered requests of a series that are not recorded."""


class ScenarioFile(pytest.File):
    """A scenario file: its items are the series.

    `source` is the file; the node's path may be a form of it that can be shown.
    """

    def __init__(self, *, source: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._source = source

    def collect(self) -> list[pytest.Item]:
        """One item per combination of the scenario's design, or of the command line's.

        Raises `InputError` for a name on the command line that none of them has.
        """
        items = list(self._items())
        names = [item.name for item in items]
        for name in (name for name in self._asked() if name not in names):
            known = get_close_matches(name, names, n=1) or names
            expected = ", ".join(known[:_SHOWN_NAMES]) + (" …" if known[_SHOWN_NAMES:] else "")
            path = _as_typed(self._source, self.config.invocation_params.dir)
            fix = shell_command("flagbench", "run", path, "--collect-only", "-q")
            raise InputError(Problem(f"no series {name!r}", str(path), expected, fix))
        return items

    def _asked(self) -> Iterator[str]:
        """The names behind this file's `::` on the command line."""
        for argument in self.config.args:
            path, _, name = argument.partition("::")
            if name and self.config.invocation_params.dir / path == self._source:
                yield name

    def _items(self) -> Iterator[pytest.Item]:
        options = self.config.stash[RUNNER].options
        own = load_scenario(self._source, self.config.invocation_params.dir)
        other = self.config.stash[RUNNER].named.setdefault(own.name, self.path)
        if other != self.path:
            what = f"{other} is named {own.name} too; both would share cassettes and baseline"
            raise InputError(Problem(what, where=str(self.path), expected="a unique file name"))
        chosen = options.applied_to(own)
        for mark in chosen.marks:
            self.config.addinivalue_line("markers", f"{mark}: series of scenarios that name it")
        for place, combination in enumerate(chosen.combinations):
            yield SeriesItem.from_parent(
                self, name=combination.id, scenario=chosen, place=place, combination=combination
            )
        if options.is_own_design and not options.accept_baselines:
            yield KeysItem.from_parent(self, name="baseline", scenario=chosen)
        # Where requests specify projects, scenarios may share a solution.
        if options.is_own_design and (own.entities or solution_folder(own).is_dir()):
            yield SolutionItem.from_parent(self, name="solution", scenario=chosen)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002
        """Show a wrong scenario without a traceback."""
        return failure_text(excinfo) or super().repr_failure(excinfo)


def load_scenario(path: Path, start: Path) -> Scenario:
    """Load a scenario; its path is relative to the folder where pytest was started, if below it.

    Raises `InputError`.
    """
    return scenarios.load(_as_typed(path, start))


def _as_typed(path: Path, start: Path) -> Path:
    return path.relative_to(start) if path.is_relative_to(start) else path


def put_report(item: pytest.Item, scenario: Scenario, report: SeriesReport) -> None:
    """Put a report where the hook finds it that sends it along with pytest's."""
    declaring = item.config.stash.setdefault(_DECLARING, set())
    is_first = scenario.name not in declaring
    declaring.add(scenario.name)
    ids = tuple(combination.id for combination in scenario.combinations) if is_first else ()
    item.stash[REPORT] = report, ids


class _Item(pytest.Item):
    """An item whose expected errors have a text of their own and no traceback."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """File and name of the item."""
        return self.path, 0, self.name

    def _repr_failure_py(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        # For an error of the setup pytest asks this alone, and would parse the file of each of some
        # twenty frames, which takes longer than to replay a series.
        return failure_text(excinfo) or super()._repr_failure_py(excinfo, style)


class SeriesItem(_Item):
    """A series, replayed in the setup, so that COULD NOT RUN is an error and not a failure."""

    def __init__(
        self, *, scenario: Scenario, place: int, combination: Combination, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._scenario = scenario
        self._place = place
        self._combination = combination
        self._verdict: Verdict | None = None
        self._known: list[str] = []
        self._causes: tuple[Cause, ...] = ()
        self.add_marker("series")
        for mark in scenario.marks:
            self.add_marker(mark)

    def place_and_cost(self) -> tuple[int, int]:
        """Its place among the items of the file, and its calls and requests in all trials.

        The calls are those of the accepted baseline; without one, they are as many as the requests.
        """
        requests, calls = len(self._scenario.requests), None
        try:
            accepted = self.config.stash[RUNNER].baselines.of(self._scenario)
        except InputError:
            accepted = None  # the items of the file report it
        if accepted:
            calls = accepted.series.get(self._combination.id, {}).get("calls")
        each = requests + (requests if calls is None else max(0.0, calls.value))
        return self._place, max(1, math.ceil(self._scenario.trials * each))

    def setup(self) -> None:
        """Replay all trials of the series and of its control."""
        runner = self.config.stash[RUNNER]
        series, reason = None, ""
        try:
            series = runner.series(self._scenario, self._combination)
            reason = str(series.obstacle or "")
        except Exception as error:
            reason = str(error) if isinstance(error, FlagbenchError) else repr(error)
            raise
        finally:
            report = series_report.report_of(
                self._scenario,
                self._combination,
                place=self._place,
                is_own_design=runner.options.is_own_design,
                series=series,
                reason=reason,
                isolation=runner.prover.isolation,
                with_trace=runner.options.accept_baselines,
            )
            put_report(self, self._scenario, report)
        if series.obstacle is not None:
            raise CouldNotRun(series.obstacle)
        self._verdict, self._causes = series.verdict, series.causes
        if series.split is not None:
            exactly = Cause(f"exactly: {split_text.line(series.split)}")
            self._causes = (exactly, *series.causes)
        self._known = provisional_text.lines(report)
        self.user_properties = [
            ("verdict", series.verdict.outcome.value),
            *sorted(report.metrics.items()),
        ]
        if told := token_remark.remark([cell.measurement for cell in series.cells]):
            self.user_properties.append(("remark", told))

    def runtest(self) -> None:
        """Raise `SeriesBroken` or `SeriesProvisional` by the verdict."""
        assert self._verdict is not None  # noqa: S101  setup raised otherwise
        if self._verdict.outcome == Outcome.PROVISIONAL:
            raise SeriesProvisional("\n".join(self._known))
        if self._verdict.broken:
            raise SeriesBroken("\n".join(str(finding) for finding in self._verdict.broken))

    def teardown(self) -> None:
        """Forget the verdict: pytest keeps all items until the end."""
        self._verdict, self._known, self._causes = None, [], ()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the findings, their causes and the command that accepts them."""
        if excinfo.errisinstance(SeriesBroken):
            causes = "".join(f"    because: {cause}\n" for cause in self._causes)
            command = shell_command("flagbench", "run", Path(self.nodeid), "--accept-baselines")
            fix = f"if this change is wanted: {command}"
            if self._verdict is not None and self._verdict.is_misreported:
                fix = "expected: a subject that reports what was measured; accepting does not help"
            return f"BROKEN {self.nodeid}\n{excinfo.value}\n{causes}    {fix}"
        if excinfo.errisinstance(SeriesProvisional):
            causes = "".join(f"    changed: {cause}\n" for cause in self._causes)
            return f"{PROVISIONAL} {self.nodeid}\n{excinfo.value}\n{causes}".rstrip()
        return super().repr_failure(excinfo, style)


class KeysItem(_Item):
    """A check that every series of the baseline is one of the scenario."""

    def __init__(self, *, scenario: Scenario, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._scenario = scenario

    def place_and_cost(self) -> tuple[int, int]:
        """Its place among the items of the file, and the cost of next to nothing."""
        return len(self._scenario.combinations), 1

    def setup(self) -> None:
        """Read the baseline: a wrong file is an error, not a failure."""
        self._accepted = self.config.stash[RUNNER].baselines.of(self._scenario)

    def runtest(self) -> None:
        """Compare the keys; a series without a baseline is reported by its item."""
        declared = {series.id for series in self._scenario.combinations}
        missing = sorted(set(self._accepted.series) - declared) if self._accepted else []
        if missing:
            report = series_report.report_without_series(
                self._scenario,
                self.name,
                Outcome.BROKEN,
                broken=[
                    f"the baseline has {key}, the scenario has no such series" for key in missing
                ],
            )
            put_report(self, self._scenario, report)
            raise SeriesBroken(
                f"the baseline has series that the scenario lacks: {', '.join(missing)}"
            )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the difference without a traceback."""
        if excinfo.errisinstance(SeriesBroken):
            path = self._scenario.path
            fix = shell_command("flagbench", "run", path, "--accept-baselines")
            return f"BROKEN {self.nodeid}\n{excinfo.value}\n    if that is wanted: {fix}"
        return super().repr_failure(excinfo, style)


class SolutionItem(_Item):
    """A check that the reference solution is accepted and its wrong variants are refuted."""

    def __init__(self, *, scenario: Scenario, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._scenario = scenario

    def place_and_cost(self) -> tuple[int, int]:
        """Its place among the items of the file, and about the cost of a trial."""
        return len(self._scenario.combinations) + 1, max(1, len(self._scenario.requests))

    def setup(self) -> None:
        """Prove all of them: if that is impossible, it is an error, not a failure."""
        self._problems = self.config.stash[RUNNER].solution_problems(self._scenario)

    def runtest(self) -> None:
        """Raise `SeriesBroken` with the problems, if there are any."""
        if self._problems:
            report = series_report.report_without_series(
                self._scenario, self.name, Outcome.BROKEN, broken=self._problems
            )
            put_report(self, self._scenario, report)
            raise SeriesBroken("\n".join(self._problems))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the problems without a traceback."""
        if excinfo.errisinstance(SeriesBroken):
            return f"BROKEN {self.nodeid}\n{excinfo.value}"
        return super().repr_failure(excinfo, style)


OURS = (SeriesItem, KeysItem, SolutionItem)


def failure_text(excinfo: pytest.ExceptionInfo[BaseException]) -> str | None:
    """Text of an expected error; None for a bug, which keeps its traceback."""
    if isinstance(excinfo.value, InputError):
        return f"{WRONG_INPUT}\n{excinfo.value}"
    if isinstance(excinfo.value, FlagbenchError):
        return f"{COULD_NOT_RUN}\n{excinfo.value}"
    return None
