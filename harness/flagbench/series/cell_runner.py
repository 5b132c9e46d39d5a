"""Running, proving and measuring of a cell: a trial of a scenario under a combination."""

import gc
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from flagbench import subject_loading
from flagbench.acceptance import artifact_proofs
from flagbench.acceptance.artifact_proof import ArtifactProof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.cassette import file, store
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.counterpart import Counterparts
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.measurement import prices, self_report, trace
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.changed_calls import changed_calls
from flagbench.measurement.costed_steps import costed_steps, packed
from flagbench.measurement.measurement import digest, measure
from flagbench.measurement.prices import Price
from flagbench.printable import printable_fields
from flagbench.run.cell_run import CellRun
from flagbench.run.counterfactual import with_latencies
from flagbench.run.options import Options
from flagbench.run.own_files import SUBJECT_CACHE
from flagbench.run.replay import replay_cell
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series.read_files import read_files
from flagbench.series.series import MeasuredCell
from flagbench.series.service_calls import service_calls
from flagbench.verdict.accepted import AcceptedTraces
from flagbench.verdict.stopped_run import before_change


class CellRunner:
    """Runner of cells from cassettes, each of which is read once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.accepted = AcceptedTraces(options.baselines, replaces=options.accept_baselines)
        # A subject may cache pure work there, such as formatting, keyed by its input.
        os.environ.pop(SUBJECT_CACHE, None)
        if options.proofs is not None:
            os.environ[SUBJECT_CACHE] = str(options.proofs.absolute() / "subject")
        self.prover = Prover(
            ProofCache(options.proofs),
            require_isolation=options.require_isolation,
            run_unsandboxed=options.run_unsandboxed,
        )
        self._cassettes: dict[tuple[Path, int], Cassette] = {}
        self._prices: dict[Path, tuple[Price, ...]] = {}

    @cached_property
    def _wire(self) -> httpx.HTTPTransport:
        return httpx.HTTPTransport(trust_env=False)

    def _price_table(self, scenario: Scenario) -> tuple[Price, ...]:
        path = self._options.counterfactual.prices or scenario.prices or prices.TABLE
        if path not in self._prices:
            self._prices[path] = prices.table(path)
        return self._prices[path]

    def cell(self, scenario: Scenario, combination: Combination, trial: int) -> MeasuredCell:
        """Run and measure one cell. Raises `CouldNotRun` or `InputError`."""
        run = self.run(scenario, combination, trial)
        cassette = self.cassette(scenario, trial)
        proofs = self._prove(run, scenario, scenario.scaffold)
        return MeasuredCell(
            self._measure(run, cassette, scenario, combination, trial, proofs),
            run.cpu_seconds,
            run.local_cpu_seconds,
            tuple(sorted(call.place for call in run.calls)),
            len(cassette.interactions),
            run.refused,
            trace.trace_of(run, trial, proofs),
            {
                digest(artifact.text)[: trace.DIGEST_DIGITS]: artifact.text
                for artifact in run.outcome.artifacts
            },
            self_report.contradictions(run),
            trace.spans(run) if trial == scenario.pictured_trial and not run.untimed_calls else (),
            run.own_seconds,
            tuple(changed_calls(run, trial, cassette, scenario.model, self._price_table(scenario))),
            tuple(before_change(run, trial, self.accepted.of(scenario.name, combination.id))),
            tuple(
                (each.file, each.text) for each in proofs if each.text and not each.proof.accepted
            ),
            run.starts_programs,
            read_files(subject_loading.entry_module(scenario.subject)),
        )

    def run(self, scenario: Scenario, combination: Combination, trial: int) -> CellRun:
        """Run one cell from its cassette. Raises `CouldNotRun` or `InputError`."""
        cassette = self.cassette(scenario, trial)
        find = None
        if self._options.provisional:
            find = self._counterparts(scenario, combination, trial).find
        return replay_cell(
            scenario, combination, trial, cassette,
            wire=self._wire, counterfactual=self._options.counterfactual, counterpart=find,
        )  # fmt: skip

    def _counterparts(
        self, scenario: Scenario, combination: Combination, trial: int
    ) -> Counterparts:
        accepted = self.accepted.of(scenario.name, combination.id)
        return Counterparts(
            ((step.agent, step.what), step.digest)
            for step in (accepted.steps if accepted else ())
            if step.digest and step.trial == trial
        )

    def cassette(self, scenario: Scenario, trial: int) -> Cassette:
        """The cassette of a trial, with the latencies under the counterfactual of the options."""
        key = scenario.path, trial
        if key not in self._cassettes:
            path = store.cassette_path(self._options.cassettes, scenario, trial)
            cassette = file.load(path, record_command=store.record_command(scenario))
            store.check(cassette, scenario, trial)
            cassette = cassette.counted_by(scenario.tokenizer).matched_by(scenario.match)
            self._cassettes[key] = with_latencies(cassette, self._options.counterfactual)
            # Cassettes live as long as the process: the garbage collector need not walk them.
            gc.freeze()
        return self._cassettes[key]

    def _prove(
        self, run: CellRun, scenario: Scenario, scaffold: Mapping[str, str]
    ) -> tuple[ArtifactProof, ...]:
        """Prove the artifacts of a cell."""
        if not scenario.acceptance or self.prover.obstacle is not None:
            return ()
        try:
            return artifact_proofs.prove_artifacts(
                run.outcome.artifacts,
                scenario.acceptance,
                scaffold,
                self.prover,
                service_calls(run),
            )
        except ValueError as error:
            raise CouldNotRun(Problem(str(error), where=str(scenario.path))) from error

    def _measure(
        self,
        run: CellRun,
        cassette: Cassette,
        scenario: Scenario,
        combination: Combination,
        trial: int,
        proofs: tuple[ArtifactProof, ...],
    ) -> CellResult:
        table = self._price_table(scenario)
        measured = measure(
            run, scenario, combination, trial,
            cassette=cassette.digest, prices=table, proofs=proofs,
        )  # fmt: skip
        obstacle = self.prover.obstacle if scenario.acceptance else None
        # Parts of it are as a subject or a model has written them.
        return printable_fields(
            replace(
                measured,
                steps=packed(costed_steps(run, trial, scenario.model, table)),
                warnings=[*measured.warnings, *([] if obstacle is None else [obstacle.what])],
            )
        )
