"""A requested file, accepted or refuted, and the rates of many."""

from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.acceptance.proof import Proof

# The check that a missing file fails.
MADE_CHECK = "made"
# The names of `rates`: without a proof there is none of them.
RATES = (
    "acceptance_rate", "false_approval_rate", "test_pass_rate", "mutant_rate", "contract_rate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArtifactProof:
    """The proof of one requested file, or of the folder of a project.

    `request` counts from 1. `file` is the file to look at and `text` its content, "" if missing.
    """

    request: int
    path: str
    file: str
    text: str
    approved: bool
    proof: Proof


def rates(findings: Sequence[ArtifactProof]) -> dict[str, tuple[int, int]]:
    """Rates of the findings as counts, (part, whole).

    `acceptance_rate`: accepted, of all requested. `false_approval_rate`: approved by the subject
    but refuted, of all approved. `test_pass_rate`: generated tests that pass, of all collected.
    `mutant_rate`: mutants that the generated tests catch, of all tried. `contract_rate`: entities
    of projects that keep their contract, of all.
    """
    refuted = [finding for finding in findings if not finding.proof.accepted]
    figures = [finding.proof.figures for finding in findings]

    def total(name: str) -> tuple[int, int]:
        pairs = [figure.get(name, (0, 0)) for figure in figures]
        return sum(part for part, _ in pairs), sum(whole for _, whole in pairs)

    return {
        "acceptance_rate": (len(findings) - len(refuted), len(findings)),
        "false_approval_rate": (
            sum(finding.approved for finding in refuted),
            sum(finding.approved for finding in findings),
        ),
        "test_pass_rate": total("tests"),
        "mutant_rate": total("mutants"),
        "contract_rate": total("contract"),
    }
