"""Proofs of the artifacts of a session: every requested file, accepted or refuted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from flagbench.acceptance.artifact_proof import MADE_CHECK, ArtifactProof
from flagbench.acceptance.cases import Application, Expected
from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.optimizer.case import ServiceCall, Works
from flagbench.acceptance.own_cases import OwnFiles
from flagbench.acceptance.proof import Proof, Provable
from flagbench.acceptance.prover import Prover
from flagbench.scenario.brief import Brief
from flagbench.scenario.erd import Erd
from flagbench.scenario.own_checks import OwnChecks
from flagbench.scenario.work import Work
from flagbench.subject import Artifact


def prove_artifacts(
    artifacts: Sequence[Artifact],
    expected: Expected,
    scaffold: Mapping[str, str],
    prover: Prover,
    calls: Sequence[ServiceCall] | None = None,
) -> tuple[ArtifactProof, ...]:
    """Prove the artifacts of a session, request by request, in the application as it was then.

    `calls` are those of services, None where they are unknown.

    The artifacts of the n-th request are those with the n-th distinct request id. Of own checks,
    they may have the number as their id: then a request without any has made none of the kinds; or
    they name no request: then they are the session's, as request 1. Raises `ValueError` if there
    are more or fewer ids than requests, and `SandboxFailed`.
    """
    by_request: dict[str, list[Artifact]] = {}
    for artifact in artifacts:
        by_request.setdefault(artifact.request_id, []).append(artifact)
    if expected and isinstance(expected[0], OwnChecks):
        numbers = [str(number) for number in range(1, len(expected) + 1)]
        if by_request.keys() <= {""}:
            by_request, expected = {"": list(artifacts)}, expected[:1]
        elif by_request.keys() <= set(numbers):
            by_request = {number: by_request.get(number, []) for number in numbers}
    if len(by_request) != len(expected):
        what = f"artifacts of {len(by_request)} of {len(expected)} requests"
        raise ValueError(f"{what}; expected: artifacts of every request, failed ones included")
    after = _cases_after(expected, scaffold, calls)
    return tuple(
        finding
        for number, (target, group) in enumerate(
            zip(expected, by_request.values(), strict=True), start=1
        )
        for finding in _prove_request(number, group, partial(after, target), prover)
    )


Cases = Iterable[tuple[str, Provable | None]]


def _cases_after(
    expected: Expected, scaffold: Mapping[str, str], calls: Sequence[ServiceCall] | None
) -> Callable[[Any, Sequence[Artifact]], Cases]:
    """Choose the cases of a request: files of one growing application, or a separate project."""
    if expected and isinstance(expected[0], OwnChecks):
        return OwnFiles(scaffold).after
    first = expected[0] if expected else None
    after: Callable[[Any, Mapping[str, str]], Cases] = Application(scaffold).after
    if isinstance(first, Erd):
        after = Projects(scaffold).after
    elif isinstance(first, Brief):
        after = Systems(scaffold).after
    elif isinstance(first, Work):
        after = Works(scaffold, calls).after
    return lambda target, group: after(target, {made.path: made.text for made in group})


def _prove_request(
    number: int,
    group: Sequence[Artifact],
    after: Callable[[Sequence[Artifact]], Cases],
    prover: Prover,
) -> Iterator[ArtifactProof]:
    by_path = {artifact.path: artifact for artifact in group}
    texts = {path: artifact.text for path, artifact in by_path.items()}
    for path, case in after(group):
        if case is None:
            others = ", ".join(sorted(path for path, text in texts.items() if text.strip()))
            proof = Proof.refuted(MADE_CHECK, f"missing; generated files: {others or 'none'}")
        else:
            proof = prover.prove(case)
        # A project is approved if all its files are.
        own = [
            artifact
            for name, artifact in by_path.items()
            if name == path or name.startswith(f"{path}/")
        ]
        approved = bool(own) and all(artifact.approved for artifact in own)
        file = proof.path or path
        yield ArtifactProof(number, path, file, texts.get(file, ""), approved, proof)
