"""Running and judging of a series: its trials, its control, its targets and its baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from flagbench.acceptance import artifact_proof, reference_solutions
from flagbench.acceptance.prover import Prover
from flagbench.cassette import store
from flagbench.errors import NotRecorded, Problem
from flagbench.measurement.summary import Summary, spread, summarise
from flagbench.measurement.trace_rows import Trace
from flagbench.run.cell_run import StoppedRun
from flagbench.run.options import Options
from flagbench.run.time_labels import EXACT
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series import local_work, refuted_files
from flagbench.series.cell_runner import CellRunner
from flagbench.series.known_cells.known_cells import KnownCells
from flagbench.series.local_work import Pair
from flagbench.series.provisional import Provisional, provisional
from flagbench.series.series import MeasuredCell, Series, solution_folder
from flagbench.series.unknown_time import unknown_time
from flagbench.shell_command import shell_command
from flagbench.verdict import baseline_trace, drift
from flagbench.verdict.baseline import Baselines, Expected
from flagbench.verdict.explanation import Cause, beyond_prompts
from flagbench.verdict.file_diff import with_current_messages
from flagbench.verdict.stopped_run import known
from flagbench.verdict.verdict import TARGET, Outcome, Verdict, judge

# Runs of an inexact series beside the first, before it is accepted.
_NOISE_RUNS = 2


class SeriesRunner:
    """Runner of series. It runs controls once and reads baselines and accepted traces once."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.cell_runner = CellRunner(options)
        self.named: dict[str, Path] = {}
        self._controls: dict[Path, tuple[MeasuredCell, ...]] = {}
        self.baselines = Baselines(options)
        self._accepted = self.cell_runner.accepted
        self._known = KnownCells(options, self.prover)

    @property
    def prover(self) -> Prover:
        """The prover of generated files."""
        return self.cell_runner.prover

    def series(self, scenario: Scenario, combination: Combination) -> Series:
        """Run and judge a series. Raises `CouldNotRun` or `InputError`."""
        before = self.prover.cost
        cells = self.cells(scenario, combination)
        control = self.cells(scenario, scenario.control)
        summary = self._with_noise(_summary(cells, control), scenario, combination, cells)
        expected = self.baselines.expected(scenario, combination)
        targets = scenario.targets.get(combination.id, ())
        verdict = judge(
            summary,
            [target for target in targets if target.metric != local_work.METRIC],
            expected,
            {cell.measurement.trial: cell.contradictions for cell in cells},
        )
        is_known = cells[0].is_known and control[0].is_known

        def again(small_seconds: float) -> list[Pair]:
            measure = partial(self._again, scenario, combination, small_seconds)
            return self._known.repeated(scenario, combination, measure, is_known=is_known)

        work = local_work.local_work(cells, control, again)
        if combination != scenario.control:
            bounds = [target for target in targets if target.metric == local_work.METRIC]
            checks = [work.check(target) for target in bounds or (local_work.DEFAULT,)]
            verdict = verdict.with_checks(check for check in checks if bounds or not check.held)
        obstacle = unknown_time((*cells, *control), verdict)
        obstacle = obstacle or self._obstacle(scenario, combination, verdict)
        is_provisional = any(cell.changed for cell in (*cells, *control))
        if obstacle is not None:
            verdict = replace(verdict, outcome=Outcome.COULD_NOT_RUN)
        elif is_provisional:
            verdict = replace(verdict, outcome=Outcome.PROVISIONAL)
        causes: tuple[Cause, ...] = ()
        stale: tuple[str, ...] = ()
        is_changed = any(cell.changed for cell in cells)
        if obstacle is None and (verdict.left_baseline or is_changed):
            causes = self._causes(scenario, combination, cells)
        elif obstacle is None and expected and not is_provisional:
            stale = self._stale(scenario, combination, cells)
        cost = self.prover.cost - before
        return Series(
            cells, control, summary, expected, verdict, cost, causes, stale, obstacle, str(work),
            self._provisional(scenario, combination, (cells, control), summary, verdict)
            if verdict.outcome == Outcome.PROVISIONAL
            else None,
            self._accepted.split(
                scenario.name, combination.id, Trace.joined(cell.trace for cell in cells)
            )
            if causes
            else None,
            self._drift(scenario, expected, summary),
            self._known.unseen(),
        )  # fmt: skip

    def cells(self, scenario: Scenario, combination: Combination) -> tuple[MeasuredCell, ...]:
        """The measured cells of a series. Raises `CouldNotRun` or `InputError`."""
        if combination != scenario.control:
            return self._run(scenario, combination)
        if scenario.path not in self._controls:
            self._controls[scenario.path] = self._run(scenario, combination)
        return self._controls[scenario.path]

    def solution_problems(self, scenario: Scenario) -> list[str]:
        """Find problems of a scenario's reference solution, or of the checks that it proves.

        Raises `InputError` for a solution that cannot be read, and `CouldNotRun`.
        """
        folder = solution_folder(scenario)
        scaffold = scenario.scaffold
        solution = reference_solutions.load(folder, scenario.solution_pattern)
        return list(
            reference_solutions.problems(solution, scenario.acceptance, scaffold, self.prover)
        )

    def close(self) -> None:
        """End the sandbox, if one was started."""
        self.prover.close()
        self._known.close()

    def _run(self, scenario: Scenario, combination: Combination) -> tuple[MeasuredCell, ...]:
        """The known cells, and the others replayed."""
        known = self._known.find(scenario, combination)
        cells = tuple(
            known.get(trial) or self._cell(scenario, combination, trial)
            for trial in range(1, scenario.trials + 1)
        )
        self._known.keep(scenario, combination, cells)
        for file, text in (each for cell in cells for each in cell.refuted):
            refuted_files.write(self.options.latest, file, text)
        return cells

    def _cell(self, scenario: Scenario, combination: Combination, trial: int) -> MeasuredCell:
        """The measured cell; one that was stopped says what is known."""
        try:
            return self.cell_runner.cell(scenario, combination, trial)
        except StoppedRun as stopped:
            accepted = self._accepted.of(scenario.name, combination.id)
            lines = "".join(f"\n      {line}" for line in known(stopped, trial, accepted))
            raise NotRecorded(
                replace(
                    problem, what=problem.what + lines, fix=problem.fix + self._or_else(scenario)
                )
                for problem in stopped.problems
            ) from stopped

    def _or_else(self, scenario: Scenario) -> str:
        """The option that tells what is known without a recording, if it was not given."""
        if self.options.provisional:
            return ""
        command = shell_command("flagbench", "run", scenario.path, "--provisional")
        return f"\n    or, for what is known without recording: {command}"

    def _again(
        self, scenario: Scenario, combination: Combination, small_seconds: float
    ) -> list[Pair]:
        """CPU seconds of local work of the series' first trial and of its control's, run again.

        Stops once the least of the series exceeds that of its control by at most `small_seconds`.
        """
        pairs = list[Pair]()
        while len(pairs) < local_work.REPETITIONS:
            own, control = (
                self.cell_runner.run(scenario, which, 1).local_cpu_seconds
                for which in (combination, scenario.control)
            )
            pairs.append((own, control))
            if local_work.least_extra_seconds(pairs) <= small_seconds:
                break
        return pairs

    def _obstacle(
        self, scenario: Scenario, combination: Combination, verdict: Verdict
    ) -> Problem | None:
        """The reason why a series that was not proven gets no verdict; None if it may have one.

        It kept whatever was measured, and its targets or its baseline have rates of proofs. Where
        baselines are accepted, one that has such rates must not lose them.
        """
        obstacle = self.prover.obstacle if scenario.acceptance else None
        if obstacle is None:
            return None
        broken = {finding.metric for finding in verdict.broken}
        unproven = broken.intersection(artifact_proof.RATES)
        if self.options.accept_baselines:
            accepted = self.baselines.of(scenario)
            known = accepted.series.get(combination.id, {}) if accepted else {}
            unproven |= known.keys() & set(artifact_proof.RATES)
        elif unproven != broken:
            return None
        if not unproven:
            return None
        return replace(obstacle, where=", ".join(sorted(unproven)))

    def _with_noise(
        self,
        summary: Summary,
        scenario: Scenario,
        combination: Combination,
        cells: tuple[MeasuredCell, ...],
    ) -> Summary:
        """The summary with the noise of an inexact series, where it is to be accepted."""
        is_exact = all(cell.measurement.time == EXACT for cell in cells)
        if is_exact or not self.options.accept_baselines:
            return summary
        again = [
            _summary(self._run(scenario, combination), self._run(scenario, scenario.control))
            for _ in range(_NOISE_RUNS)
        ]
        return replace(summary, noise=spread([summary, *again]))

    def _causes(
        self, scenario: Scenario, combination: Combination, cells: tuple[MeasuredCell, ...]
    ) -> tuple[Cause, ...]:
        return self._accepted.causes(
            scenario.name,
            combination.id,
            Trace.joined(cell.trace for cell in cells),
            {digest: text for cell in cells for digest, text in cell.texts.items()},
            partial(self.cell_runner.cassette, scenario),
            {call.digest: call.prompt for cell in cells for call in cell.changed},
        )

    def _provisional(
        self,
        scenario: Scenario,
        combination: Combination,
        sides: tuple[Sequence[MeasuredCell], Sequence[MeasuredCell]],
        summary: Summary,
        verdict: Verdict,
    ) -> Provisional:
        """Known facts of a series whose requests are not all recorded."""
        cells, control = sides
        accepted = self._accepted.of(scenario.name, combination.id)
        beyond = None
        if accepted is not None:
            beyond = beyond_prompts(accepted, Trace.joined(cell.trace for cell in cells))
        return provisional(
            [call for cell in cells for call in cell.changed],
            [call for cell in control for call in cell.changed],
            [cell.measurement for cell in cells],
            summary=summary,
            record_command=f"{store.record_command(scenario)} --stale",
            beyond=beyond,
            before=[line for cell in cells for line in cell.before],
            broken=[str(check) for check in verdict.broken if check.against == TARGET],
        )

    def _drift(
        self, scenario: Scenario, expected: Mapping[str, Expected] | None, summary: Summary
    ) -> tuple[str, ...]:
        accepted = self.baselines.of(scenario) if expected else None
        if accepted is None or expected is None:
            return ()
        return tuple(drift.lines(expected, summary.metrics, accepted.release))

    def _stale(
        self, scenario: Scenario, combination: Combination, cells: tuple[MeasuredCell, ...]
    ) -> tuple[str, ...]:
        """Describe how a series that did not leave its baseline differs from what was accepted."""
        accepted = self._accepted.of(scenario.name, combination.id)
        if accepted is None:
            path = baseline_trace.path_of(self.options.baselines, scenario.name)
            return (f"what it does was not compared: {path.name} has no accepted trace of it",)
        measured = Trace.joined(cell.trace for cell in cells)
        if not measured.proofs:  # nothing was proven this time
            accepted = replace(accepted, proofs=())
        if with_current_messages(accepted, measured) == measured:
            return ()
        first, *others = (cause.text for cause in self._causes(scenario, combination, cells))
        return (f"it does not do what was accepted: {first}", *others)


def _summary(cells: Sequence[MeasuredCell], control: Sequence[MeasuredCell]) -> Summary:
    return summarise([cell.measurement for cell in cells], [cell.measurement for cell in control])
