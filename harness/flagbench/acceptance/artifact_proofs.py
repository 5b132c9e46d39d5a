"""What a session made becomes findings: every file that was asked for, proven or refuted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flagbench.acceptance.cases import Application
from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.proof import Proof, Provable
from flagbench.acceptance.prover import Prover
from flagbench.scenario.erd import Erd
from flagbench.scenario.specification import Entity
from flagbench.subject import Artifact

# The check that a file fails which is not there.
MADE_CHECK = "made"
# The names of `rates`: without a proof there is none of them.
RATES = (
    "acceptance_rate", "false_approval_rate", "test_pass_rate", "mutant_rate", "contract_rate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArtifactProof:
    """What a request asked for: a file, or the folder of a project.

    `request` counts from 1, `file` is the one to look at, `text` what it holds, "" if not made.
    """

    request: int
    path: str
    file: str
    text: str
    approved: bool
    proof: Proof


def find(
    artifacts: Sequence[Artifact],
    expected: Sequence[Entity] | Sequence[Erd],
    scaffold: Mapping[str, str],
    prover: Prover,
) -> tuple[ArtifactProof, ...]:
    """Prove what a session made, request by request, in the application as it was then.

    The artifacts of the n-th request are those with the n-th request id. Raises `ValueError` if
    there are more or fewer ids than requests, and `SandboxFailed`.
    """
    by_request: dict[str, list[Artifact]] = {}
    for one in artifacts:
        by_request.setdefault(one.request_id, []).append(one)
    if len(by_request) != len(expected):
        what = f"artifacts of {len(by_request)} requests for {len(expected)}"
        raise ValueError(f"{what}; every request must have artifacts, failed ones too")
    after = _growing(expected, scaffold)
    return tuple(
        finding
        for number, (asked, group) in enumerate(
            zip(expected, by_request.values(), strict=True), start=1
        )
        for finding in _of_request(number, group, partial(after, asked), prover)
    )


Cases = Iterable[tuple[str, Provable | None]]


def _growing(
    expected: Sequence[Entity] | Sequence[Erd], scaffold: Mapping[str, str]
) -> Callable[[Any, Mapping[str, str]], Cases]:
    """What turns a request's files into cases: one application that grows, or a project each."""
    whole = bool(expected) and isinstance(expected[0], Erd)
    return Projects(scaffold).after if whole else Application(scaffold).after


def _of_request(
    number: int,
    group: Sequence[Artifact],
    after: Callable[[Mapping[str, str]], Cases],
    prover: Prover,
) -> Iterator[ArtifactProof]:
    made = {one.path: one for one in group}
    texts = {path: one.text for path, one in made.items()}
    for path, case in after(texts):
        if case is None:
            others = ", ".join(sorted(path for path, text in texts.items() if text.strip()))
            proof = Proof.refuted(MADE_CHECK, f"was not made; made were: {others or 'no files'}")
        else:
            proof = prover.prove(case)
        # A project is approved if all its files are.
        own = [one for name, one in made.items() if name == path or name.startswith(f"{path}/")]
        approved = bool(own) and all(one.approved for one in own)
        file = proof.path or path
        yield ArtifactProof(number, path, file, texts.get(file, ""), approved, proof)


def rates(findings: Sequence[ArtifactProof]) -> dict[str, tuple[int, int]]:
    """The findings in counts, (part, whole).

    `acceptance_rate`: proven of asked for. `false_approval_rate`: approved by the subject and
    refuted, of all approved. `test_pass_rate`: generated tests that pass, of those collected.
    `mutant_rate`: broken routes that the generated tests notice, of those that were tried.
    `contract_rate`: entities of projects that keep their contract, of all.
    """
    refuted = [one for one in findings if not one.proof.accepted]
    figures = [one.proof.figures for one in findings]

    def total(name: str) -> tuple[int, int]:
        pairs = [figure.get(name, (0, 0)) for figure in figures]
        return sum(part for part, _ in pairs), sum(whole for _, whole in pairs)

    return {
        "acceptance_rate": (len(findings) - len(refuted), len(findings)),
        "false_approval_rate": (
            sum(one.approved for one in refuted),
            sum(one.approved for one in findings),
        ),
        "test_pass_rate": total("tests"),
        "mutant_rate": total("mutants"),
        "contract_rate": total("contract"),
    }
