"""What a session made becomes findings: every file that was asked for, proven or refuted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.acceptance.cases import Application
from harness.acceptance.expected import Entity
from harness.acceptance.proof import Proof
from harness.acceptance.prover import Prover

# The check that a file fails which is not there.
MADE_CHECK = "made"


class Made(Protocol):
    """A generated file, as a subject returns it."""

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def approved(self) -> bool: ...  # noqa: D102
    @property
    def request_id(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that a request asked for. `request` counts from 1; `text` is empty if not made."""

    request: int
    path: str
    text: str
    approved: bool
    proof: Proof


def find(
    artifacts: Sequence[Made],
    expected: Sequence[Entity],
    scaffold: Mapping[str, str],
    prover: Prover,
) -> tuple[Finding, ...]:
    """Prove what a session made, request by request, in the application as it was then.

    The artifacts of the n-th request are those with the n-th request id. Raises `ValueError` if
    there are more or fewer ids than requests, and `SandboxFailed`.
    """
    by_request: dict[str, list[Made]] = {}
    for one in artifacts:
        by_request.setdefault(one.request_id, []).append(one)
    if len(by_request) != len(expected):
        what = f"artifacts of {len(by_request)} requests for {len(expected)}"
        raise ValueError(f"{what}; every request must have artifacts, failed ones too")
    application = Application(scaffold)
    return tuple(
        finding
        for number, (entity, group) in enumerate(
            zip(expected, by_request.values(), strict=True), start=1
        )
        for finding in _of_request(number, entity, group, application, prover)
    )


def _of_request(
    number: int, entity: Entity, group: Sequence[Made], application: Application, prover: Prover
) -> Iterator[Finding]:
    made = {one.path: one for one in group}
    texts = {path: one.text for path, one in made.items()}
    for path, case in application.after(entity, texts):
        if case is None:
            others = ", ".join(sorted(path for path, text in texts.items() if text.strip()))
            proof = Proof.refuted(MADE_CHECK, f"was not made; made were: {others or 'no files'}")
        else:
            proof = prover.prove(case)
        approved = path in made and made[path].approved
        yield Finding(number, path, texts.get(path, ""), approved, proof)


def rates(findings: Sequence[Finding]) -> dict[str, tuple[int, int]]:
    """The findings in counts, (part, whole).

    `acceptance_rate`: proven of asked for. `false_approval_rate`: approved by the subject and
    refuted, of all approved. `test_pass_rate`: generated tests that pass, of those collected.
    `mutant_rate`: broken routes that the generated tests notice, of those that were tried.
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
    }
