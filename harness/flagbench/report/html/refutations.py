"""Refutations: the first check that each generated file failed, most frequent first."""

from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.acceptance.artifact_proof import MADE_CHECK
from flagbench.measurement.cell_result import NOT_COUNTED, RefutedArtifact
from flagbench.report.series_report import SeriesReport
from flagbench.series import refuted_files

# Further rows are folded below the table.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Refutation:
    """A path that failed a check: how often, and how many of those the subject had approved.

    `example` is the path of an example, relative to the report's folder; "" for a file never made.
    """

    path: str
    check: str
    times: int
    approved: int
    message: str
    example: str


@dataclass(frozen=True, slots=True)
class RefutationSummary:
    """The number of requested files over all series and trials, and the refutations."""

    requested: int
    refutations: Sequence[Refutation]

    @property
    def times(self) -> int:
        """The number of refuted files."""
        return sum(refutation.times for refutation in self.refutations)

    @property
    def approved(self) -> int:
        """The number of refuted files that the subject had approved."""
        return sum(refutation.approved for refutation in self.refutations)


def refutation_summary(members: Sequence[SeriesReport]) -> RefutationSummary:
    """Collect the refutations of one scenario."""
    cells = [cell for member in members for cell in member.cells]
    groups: dict[tuple[str, str], list[RefutedArtifact]] = {}
    for cell in cells:
        for artifact in cell.refuted:
            groups.setdefault((artifact.file, artifact.check), []).append(artifact)
    return RefutationSummary(
        requested=sum(cell.rates.get("acceptance_rate", NOT_COUNTED).whole for cell in cells),
        refutations=sorted(
            (_refutation(path, check, group) for (path, check), group in groups.items()),
            key=lambda refutation: (-refutation.times, refutation.path, refutation.check),
        ),
    )


def _refutation(path: str, check: str, group: Sequence[RefutedArtifact]) -> Refutation:
    first = min(group, key=lambda artifact: (artifact.message, artifact.sha256))
    return Refutation(
        path=path,
        check=check,
        times=len(group),
        approved=sum(artifact.approved for artifact in group),
        message=first.message,
        example="" if check == MADE_CHECK else refuted_files.path_of(path, first.sha256),
    )
