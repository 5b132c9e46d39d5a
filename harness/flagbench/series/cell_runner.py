"""A cell is run, proven and measured: one trial of a scenario under one combination."""

import gc
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from flagbench import subject
from flagbench.acceptance import artifact_proofs
from flagbench.acceptance.artifact_proofs import ArtifactProof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.cassette import file, mismatch, store
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.vcr_adapter import SentRequest, replaying
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.measurement import prices, trace
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.measurement import measure
from flagbench.measurement.prices import Price
from flagbench.run.cell import CellRun, run_cell
from flagbench.run.counterfactual import with_latencies
from flagbench.run.options import Options
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series import refuted_files
from flagbench.series.series import MeasuredCell
from flagbench.tokenizer import o200k_counter

# Names a folder that survives runs, for the subject's pure work; answers are never kept in it.
SUBJECT_CACHE = "SUBJECT_CACHE_DIR"
# A replay goes nowhere; the name makes a stray request recognisable.
REPLAY_BASE_URL = "http://provider/v1"


class CellRunner:
    """Runs cells from cassettes, each of which is read once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        # A subject may keep pure work there, such as formatting, keyed by what it was made of.
        os.environ.pop(SUBJECT_CACHE, None)
        if options.proofs is not None:
            os.environ[SUBJECT_CACHE] = str(options.proofs.absolute() / "subject")
        self.prover = Prover(
            ProofCache(options.proofs),
            require_isolation=options.require_isolation,
            run_unsandboxed=options.run_unsandboxed,
        )
        self._tapes: dict[tuple[Path, int], Cassette] = {}

    @cached_property
    def _wire(self) -> httpx.HTTPTransport:
        return httpx.HTTPTransport(trust_env=False)

    @cached_property
    def _prices(self) -> tuple[Price, ...]:
        return prices.table(self._options.counterfactual.prices or prices.TABLE)

    def cell(self, scenario: Scenario, combination: Combination, trial: int) -> MeasuredCell:
        """Run and measure one cell. Raises `CouldNotRun` or `InputError`."""
        tape = self.tape(scenario, trial)
        where = f"{scenario.path}::{combination.id} trial {trial}"

        def explain(tape: Cassette, asked: SentRequest) -> CouldNotRun:
            return mismatch.explain(
                tape, asked, where=where, record_command=store.record_command(scenario)
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
            counterfactual=self._options.counterfactual,
        )
        found = self._proven(run, scenario, subject.scaffold_of(loaded))
        return MeasuredCell(
            self._measured(run, tape, scenario, combination, trial, found),
            run.cpu_seconds,
            tuple(sorted(call.place for call in run.calls)),
            len(tape.interactions),
            run.refused,
            trace.steps(run, trial),
            trace.spans(run) if trial == scenario.pictured_trial else (),
        )

    def tape(self, scenario: Scenario, trial: int) -> Cassette:
        """The recording of a trial, at the pace of the world that the options name."""
        key = scenario.path, trial
        if key not in self._tapes:
            path = store.cassette_path(self._options.cassettes, scenario, trial)
            tape = file.load(path, record_command=store.record_command(scenario))
            store.check(tape, scenario, trial)
            self._tapes[key] = with_latencies(tape, self._options.counterfactual)
            # Tapes stay as long as the process: without this, every collection walks them again.
            gc.freeze()
        return self._tapes[key]

    def _proven(
        self, run: CellRun, scenario: Scenario, scaffold: Mapping[str, str]
    ) -> tuple[ArtifactProof, ...]:
        """What proving a cell's artifacts found; the refuted ones are kept for a person."""
        if not scenario.acceptance or self.prover.obstacle is not None:
            return ()
        try:
            found = artifact_proofs.prove_artifacts(
                run.outcome.artifacts, scenario.acceptance, scaffold, self.prover
            )
        except ValueError as error:
            raise CouldNotRun(Problem(str(error), where=str(scenario.path))) from error
        for finding in found:
            if finding.text and not finding.proof.accepted:
                refuted_files.keep(self._options.latest, finding.file, finding.text)
        return found

    def _measured(
        self,
        run: CellRun,
        tape: Cassette,
        scenario: Scenario,
        combination: Combination,
        trial: int,
        found: tuple[ArtifactProof, ...],
    ) -> CellResult:
        measured = measure(
            run,
            scenario=scenario.name,
            combination=combination.id,
            flags=dict(combination.levels),
            requests=len(scenario.requests),
            trial=trial,
            provider=scenario.provider,
            model=scenario.model,
            tokenizer=o200k_counter().name,
            cassette=tape.digest,
            price=prices.price_of(scenario.model, self._prices),
            found=found,
        )
        obstacle = self.prover.obstacle if scenario.acceptance else None
        if obstacle is None:
            return measured
        return replace(measured, warnings=[*measured.warnings, obstacle.what])
