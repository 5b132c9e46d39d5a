"""The tests of a generated application, run in the sandbox on the application as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flagbench.acceptance.cases import Application
from flagbench.acceptance.kinds import KINDS
from flagbench.acceptance.proof import Case, Proof
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.acceptance.selection import Selection
from flagbench.scenario.specification import Entity
from flagbench.subject import Outcome

KIND = "pytest-tests"
_CHECKS = Selection(frozenset(("collects", "passes")))


@dataclass(frozen=True, slots=True)
class OwnTests:
    """The result for one entity: the failure of its tests, "" if they pass."""

    entity: str
    failure: str


def held_against_own_tests(
    outcome: Outcome, files: Mapping[str, str], *, run_unsandboxed: bool
) -> list[Any]:
    """The artifacts of an outcome; those of an entity whose tests fail are not approved.

    Only the outcome of an application tells of entities. Raises `CouldNotRun` where the tests
    cannot be run.
    """
    entities = {entity.name: entity.table for entity in getattr(outcome, "entities", ())}
    results = run_own_tests(entities, files, run_unsandboxed=run_unsandboxed)
    failures = {result.entity: result.failure for result in results if result.failure}
    artifacts: list[Any] = list(outcome.artifacts)
    return [
        replace(
            artifact, approved=False, reason=_joined(artifact.reason, failures[artifact.entity])
        )
        if getattr(artifact, "entity", "") in failures
        else artifact
        for artifact in artifacts
    ]


def run_own_tests(
    entities: Mapping[str, str], files: Mapping[str, str], *, run_unsandboxed: bool
) -> Iterator[OwnTests]:
    """Run the tests of each entity, given as name -> table, that has some among the files.

    Raises `CouldNotRun` where they cannot be run.
    """
    # A proof of another kind of case than a scenario's is not stored among those.
    prover = Prover(ProofCache(None), run_unsandboxed=run_unsandboxed)
    try:
        for name, table in entities.items():
            entity = Entity(entity=name, table=table, attributes={"name": "string"})
            if KINDS[KIND].path_of(entity) in files:
                proof = prover.prove(_case(entity, files), _CHECKS)
                yield OwnTests(name, _failure(proof))
    finally:
        prover.close()


def _case(entity: Entity, files: Mapping[str, str]) -> Case:
    """The tests among all files: what they need beside their own is for the application to say."""
    return Application(files, {entity.entity: entity}).case(KIND, entity)


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _failure(proof: Proof) -> str:
    if proof.accepted:
        return ""
    passed, total = proof.figures.get("tests", (0, 0))
    count = f" ({total - passed} of {total})" if total else ""
    return f"own tests fail{count}: {proof.message}"
