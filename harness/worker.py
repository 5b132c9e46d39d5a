"""Series on one process: what all of them share is made once and kept here."""

import gc
import os
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path

from harness import drift, prices, recordings, steps, subject, tape_file
from harness.acceptance import findings, solutions
from harness.acceptance.findings import Finding
from harness.acceptance.proofs import Proofs
from harness.acceptance.prover import Prover
from harness.cassette import Asked, replaying
from harness.errors import CouldNotRun, Problem
from harness.expectation import Expectations
from harness.explanation import Accepted
from harness.files import write_whole
from harness.http_library import httpx
from harness.matrix import Combination
from harness.measure import Measurement, digest, measure
from harness.meter import Meter
from harness.options import Options
from harness.prices import Price
from harness.retold import retold
from harness.run import CellRun, run_cell
from harness.scenario import Scenario
from harness.series import Cell, Series, refuted_file, solution_folder
from harness.summary import summarise
from harness.tape import Tape
from harness.tokens import TokenCounter, o200k_base
from harness.verdict import judge
from harness.why import Cause

# Names a folder that survives runs, for the subject's pure work; answers are never kept in it.
SUBJECT_CACHE = "SUBJECT_CACHE_DIR"
# A replay goes nowhere; the name makes a stray request recognisable.
REPLAY_BASE_URL = "http://provider/v1"


class Worker:
    """Replays series. Keeps tapes, weights and the cells of each control, which others need too."""

    def __init__(self, options: Options) -> None:
        self.options = options
        # A subject may keep pure work there, such as formatting, keyed by what it was made of.
        os.environ.pop(SUBJECT_CACHE, None)
        if options.proofs is not None:
            os.environ[SUBJECT_CACHE] = str(options.proofs.absolute() / "subject")
        self._tapes: dict[tuple[Path, int], Tape] = {}
        self._controls: dict[Path, tuple[Cell, ...]] = {}
        self.named: dict[str, Path] = {}
        self._accepted = Accepted(options.baselines)
        self.expectations = Expectations(options)

    @cached_property
    def meter(self) -> Meter:
        """Weighs interactions; loading the vocabulary takes a third of a second."""
        return Meter(self._counter)

    @cached_property
    def _counter(self) -> TokenCounter:
        return TokenCounter(o200k_base())

    @cached_property
    def prover(self) -> Prover:
        """Proves what was generated."""
        proofs = Proofs(self.options.proofs)
        return Prover(proofs, require_isolation=self.options.require_isolation)

    @cached_property
    def _wire(self) -> httpx.HTTPTransport:
        return httpx.HTTPTransport(trust_env=False)

    @cached_property
    def _prices(self) -> tuple[Price, ...]:
        return prices.table(self.options.world.prices or prices.TABLE)

    def series(self, scenario: Scenario, combination: Combination) -> Series:
        """Run and judge one series. Raises `CouldNotRun` or `InputError`."""
        before = self.prover.effort
        cells = self.cells(scenario, combination)
        control = self.cells(scenario, scenario.control)
        summary = summarise(
            [one.measurement for one in cells], [one.measurement for one in control]
        )
        expected = self.expectations.of(scenario, combination)
        verdict = judge(summary, scenario.targets.get(combination.id, ()), expected)
        why: tuple[Cause, ...] = ()
        if verdict.left_baseline:
            measured = [step for cell in cells for step in cell.steps]
            tape_of = partial(self._tape, scenario)
            why = self._accepted.left(scenario.name, combination.id, measured, tape_of)
        return Series(cells, control, summary, expected, verdict, self.prover.effort - before, why)

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

    def cells(self, scenario: Scenario, combination: Combination) -> tuple[Cell, ...]:
        """The measured cells of a series. Raises `CouldNotRun` or `InputError`."""
        if combination != scenario.control:
            return self._run(scenario, combination)
        if scenario.path not in self._controls:
            self._controls[scenario.path] = self._run(scenario, combination)
        return self._controls[scenario.path]

    def _run(self, scenario: Scenario, combination: Combination) -> tuple[Cell, ...]:
        return tuple(
            self._cell(scenario, combination, trial) for trial in range(1, scenario.trials + 1)
        )

    def _cell(self, scenario: Scenario, combination: Combination, trial: int) -> Cell:
        tape = self._tape(scenario, trial)
        where = f"{scenario.path}::{combination.id} trial {trial}"

        def explain(tape: Tape, asked: Asked) -> CouldNotRun:
            return drift.explain(
                tape, asked, where=where, record_command=recordings.record_command(scenario)
            )

        loaded = subject.load(scenario.subject)
        run = run_cell(
            loaded,
            scenario.requests,
            scenario.environment(combination),
            model=scenario.model,
            opened=replaying(tape, REPLAY_BASE_URL, explain),
            base_url=REPLAY_BASE_URL,
            api_key="replay",
            trial=trial,
            wire=self._wire,
            world=self.options.world,
        )
        found = self._proven(run, scenario, subject.scaffold_of(loaded))
        return Cell(
            self.measured(run, tape, scenario, combination, trial, found),
            run.cpu_seconds,
            tuple(sorted(call.place for call in run.calls)),
            len(tape.interactions),
            run.refused,
            steps.steps(run, tape, self.meter, trial),
            steps.bars(run, tape, self.meter) if trial == scenario.pictured_trial else (),
        )

    def _proven(
        self, run: CellRun, scenario: Scenario, scaffold: Mapping[str, str]
    ) -> tuple[Finding, ...]:
        """What proving a cell's artifacts found; the refuted ones are kept for a person."""
        if not scenario.acceptance:
            return ()
        try:
            found = findings.find(run.outcome.artifacts, scenario.acceptance, scaffold, self.prover)
        except ValueError as error:
            raise CouldNotRun(Problem(str(error), where=str(scenario.path))) from error
        for one in found:
            if one.text and not one.proof.accepted:
                kept = self.options.latest / refuted_file(one.file, digest(one.text))
                if not kept.exists():
                    write_whole(kept, one.text.encode("utf-8", "surrogatepass"))
        return found

    def measured(
        self,
        run: CellRun,
        tape: Tape,
        scenario: Scenario,
        combination: Combination,
        trial: int,
        found: tuple[Finding, ...] = (),
    ) -> Measurement:
        """The measurement of a cell that was run, by replay or while recording."""
        return measure(
            run,
            tape,
            self.meter,
            scenario=scenario.name,
            combination=combination.id,
            flags=dict(combination.levels),
            requests=len(scenario.requests),
            trial=trial,
            provider=scenario.provider,
            model=scenario.model,
            tokenizer=self._counter.name,
            price=prices.price_of(scenario.model, self._prices),
            found=found,
        )

    def _tape(self, scenario: Scenario, trial: int) -> Tape:
        key = scenario.path, trial
        if key not in self._tapes:
            path = recordings.cassette_path(self.options.cassettes, scenario, trial)
            tape = tape_file.load(path, record_command=recordings.record_command(scenario))
            recordings.check(tape, scenario, trial)
            self._tapes[key] = retold(tape, self.options.world, self.meter)
            # Tapes stay as long as the process: without this, every collection walks them again.
            gc.freeze()
        return self._tapes[key]
