"""A series is run and judged: its trials, its control, its targets and its baseline."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from harness import accepted_steps, baseline, subject, why
from harness.acceptance import solutions
from harness.acceptance.prover import Prover
from harness.baseline import Baseline, Expected
from harness.cell_runner import CellRunner
from harness.errors import InputError, Problem
from harness.matrix import Combination
from harness.options import Options
from harness.scenario import Scenario
from harness.series import Cell, Series, solution_folder
from harness.summary import summarise
from harness.verdict import judge
from harness.why import Cause


class SeriesRunner:
    """Runs series. The cells of a control are run once, baselines and accepted steps read once."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.cell_runner = CellRunner(options)
        self.named: dict[str, Path] = {}
        self._controls: dict[Path, tuple[Cell, ...]] = {}
        self._baseline = cache(baseline.load)
        self._accepted_steps = cache(accepted_steps.load)

    @property
    def prover(self) -> Prover:
        """Proves what was generated."""
        return self.cell_runner.prover

    def series(self, scenario: Scenario, combination: Combination) -> Series:
        """Run and judge one series. Raises `CouldNotRun` or `InputError`."""
        before = self.prover.effort
        cells = self.cells(scenario, combination)
        control = self.cells(scenario, scenario.control)
        summary = summarise(
            [cell.measurement for cell in cells], [cell.measurement for cell in control]
        )
        expected = self.expected(scenario, combination)
        verdict = judge(summary, scenario.targets.get(combination.id, ()), expected)
        causes = self._causes(scenario, combination, cells) if verdict.left_baseline else ()
        effort = self.prover.effort - before
        return Series(cells, control, summary, expected, verdict, effort, causes)

    def cells(self, scenario: Scenario, combination: Combination) -> tuple[Cell, ...]:
        """The measured cells of a series. Raises `CouldNotRun` or `InputError`."""
        if combination != scenario.control:
            return self._run(scenario, combination)
        if scenario.path not in self._controls:
            self._controls[scenario.path] = self._run(scenario, combination)
        return self._controls[scenario.path]

    def baseline_of(self, scenario: Scenario) -> Baseline | None:
        """The scenario's baseline; None where nothing was accepted yet."""
        return self._baseline(baseline.path_of(self.options.baselines, scenario.name))

    def expected(
        self, scenario: Scenario, combination: Combination
    ) -> Mapping[str, Expected] | None:
        """What the baseline expects of a series; None where it says nothing about this run.

        Raises `InputError` for one that was accepted of other recordings.
        """
        options = self.options
        if options.accept_baselines:
            return None
        accepted = self.baseline_of(scenario)
        known = accepted.series.get(combination.id) if accepted else None
        if known is None and not options.is_own_design:
            return None
        made = (scenario.provider, scenario.trials)
        if accepted and (accepted.provider, accepted.trials) != made:
            if options.provider or options.trials:
                return None
            was = f"{accepted.trials} trials of provider {accepted.provider}"
            raise InputError(
                Problem(
                    f"accepted with {was}, the scenario now says {made[1]} of {made[0]}",
                    where=str(baseline.path_of(options.baselines, scenario.name)),
                    fix=f"pytest {scenario.path} --accept-baselines",
                )
            )
        return known or {}

    def wrong_with_solution(self, scenario: Scenario) -> list[str]:
        """What is wrong with a scenario's reference solution, or with the checks that it proves.

        Raises `InputError` for one that cannot be read, and `CouldNotRun`.
        """
        folder = solution_folder(scenario)
        scaffold = subject.scaffold_of(subject.load(scenario.subject))
        solution = solutions.load(folder)
        return list(solutions.problems(solution, scenario.acceptance, scaffold, self.prover))

    def close(self) -> None:
        """End the sandbox, if one was started."""
        self.prover.close()

    def _run(self, scenario: Scenario, combination: Combination) -> tuple[Cell, ...]:
        return tuple(
            self.cell_runner.cell(scenario, combination, trial)
            for trial in range(1, scenario.trials + 1)
        )

    def _causes(
        self, scenario: Scenario, combination: Combination, cells: tuple[Cell, ...]
    ) -> tuple[Cause, ...]:
        path = accepted_steps.path_of(self.options.baselines, scenario.name)
        accepted = self._accepted_steps(path).get(combination.id)
        measured = [step for cell in cells for step in cell.steps]
        return why.causes(accepted, path, measured, partial(self.cell_runner.tape, scenario))
