"""Which checks the generated files failed first: the most frequent, each with an example."""

from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.acceptance.artifact_proofs import MADE_CHECK
from flagbench.measurement.cell_result import NOT_COUNTED, RefutedArtifact
from flagbench.report.series_report import SeriesReport
from flagbench.series import refuted_files

# The rest stands folded below.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Refutation:
    """A path that failed a check: how often, and how often the subject had approved it.

    `kept` is where the example lies, from the report's folder; empty for a file never made.
    """

    path: str
    check: str
    times: int
    approved: int
    message: str
    kept: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A scenario's files asked for, over all series and trials, and what was refuted of them."""

    asked: int
    refuted: Sequence[Refutation]

    @property
    def times(self) -> int:
        """How many did not stand the proof."""
        return sum(refutation.times for refutation in self.refuted)

    @property
    def approved(self) -> int:
        """How many of those the subject had approved."""
        return sum(refutation.approved for refutation in self.refuted)


def proven(members: Sequence[SeriesReport]) -> Proven:
    """What was found in one scenario."""
    cells = [cell for member in members for cell in member.cells]
    groups: dict[tuple[str, str], list[RefutedArtifact]] = {}
    for cell in cells:
        for each in cell.refuted:
            groups.setdefault((each.file, each.check), []).append(each)
    return Proven(
        asked=sum(cell.rates.get("acceptance_rate", NOT_COUNTED).whole for cell in cells),
        refuted=sorted(
            (_refuted(path, check, group) for (path, check), group in groups.items()),
            key=lambda refutation: (-refutation.times, refutation.path, refutation.check),
        ),
    )


def _refuted(path: str, check: str, group: Sequence[RefutedArtifact]) -> Refutation:
    example = min(group, key=lambda each: (each.message, each.sha256))
    return Refutation(
        path=path,
        check=check,
        times=len(group),
        approved=sum(each.approved for each in group),
        message=example.message,
        kept="" if check == MADE_CHECK else refuted_files.path_of(path, example.sha256),
    )
