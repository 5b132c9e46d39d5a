"""The claims section: each claim with the measurement of this run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from flagbench.analysis.claims import assessment, table
from flagbench.analysis.claims.assessment import AssessedClaim, ClaimOutcome
from flagbench.errors import InputError
from flagbench.measurement.cell_result import CellResult
from flagbench.report.content import Claims, Grid, Part

ANCHOR = "claims"
FILE = "claims.yaml"
_MARKS = {ClaimOutcome.CONFIRMED: "good", ClaimOutcome.REFUTED: "bad"}
_IN_TABLE = (
    ClaimOutcome.REFUTED,
    ClaimOutcome.EXCEEDED,
    ClaimOutcome.UNDECIDED,
    ClaimOutcome.CONFIRMED,
    ClaimOutcome.NOT_MEASURABLE,
)
_SHORT = ("flag", "claimed", "quantity", "scenario", "measured [95 %]", "finding")


def claims(cells: Sequence[CellResult], files: Iterable[Path]) -> Claims | None:
    """Assess the claims of a run's scenarios; None if there are none.

    An invalid file of claims is reported instead of the counts, and does not fail the run.
    """
    assessed: list[AssessedClaim] = []
    try:
        for path in files:
            assessed += assessment.assess(cells, path=path)
    except InputError as error:
        return _problems(error)
    if not assessed:
        return None
    run_scenarios = {cell.scenario for cell in cells}
    here = [claim for claim in assessed if claim.scenario in run_scenarios]
    elsewhere = [
        claim for claim in assessed if claim.scenario and claim.scenario not in run_scenarios
    ]
    nowhere = [claim for claim in assessed if not claim.scenario]
    return Claims(
        counts=_counts(here, elsewhere, nowhere),
        columns=_SHORT,
        rows=[row[: len(_SHORT)] for row in table.rows(sorted(here, key=_order))],
        part=_part(here, elsewhere, nowhere),
    )


def part_of(scenario: str, cells: Sequence[CellResult], path: Path) -> Part | None:
    """The section of one scenario; None if nothing is claimed of it."""
    try:
        assessed = assessment.assess(cells, path=path)
    except InputError as error:
        return _problems(error).part
    here = [claim for claim in assessed if claim.scenario == scenario]
    return _part(here, [], []) if here else None


def _problems(error: InputError) -> Claims:
    count = len(error.problems)
    counts = f"claims: {count} problem{'s' * (count > 1)} in {FILE}"
    return Claims(
        counts, part=Part(ANCHOR, "Claims", paragraphs=[str(problem) for problem in error.problems])
    )


def _counts(
    here: Sequence[AssessedClaim],
    elsewhere: Sequence[AssessedClaim],
    nowhere: Sequence[AssessedClaim],
) -> str:
    counts = Counter(claim.finding for claim in here)
    not_run = counts[ClaimOutcome.NOT_MEASURABLE] + len(elsewhere)
    texts = [
        f"{counts[ClaimOutcome.CONFIRMED]} confirmed",
        f"{counts[ClaimOutcome.REFUTED]} refuted",
        f"{counts[ClaimOutcome.UNDECIDED]} undecided",
        f"{counts[ClaimOutcome.EXCEEDED]} exceeded",
        f"{len(nowhere)} not measurable here",
        *([f"{not_run} not in this run"] if not_run else []),
    ]
    return f"claims: {', '.join(texts)}"


def _order(claim: AssessedClaim) -> int:
    return _IN_TABLE.index(claim.finding)


def _part(
    here: Sequence[AssessedClaim],
    elsewhere: Sequence[AssessedClaim],
    nowhere: Sequence[AssessedClaim],
) -> Part:
    paragraphs = [f"{_counts(here, elsewhere, nowhere)}.", table.LEGEND]
    if elsewhere:
        names = ", ".join(sorted({claim.scenario for claim in elsewhere}))
        paragraphs.append(f"Not in this run: the claims of {names}.")
    grids = []
    if here:
        marks = [_MARKS.get(claim.finding, "") for claim in here]
        caption = "Claims and measurements"
        grids.append(Grid(caption, table.COLUMNS, table.rows(here), marks))
    if nowhere:
        grids.append(
            Grid(
                "Not measurable here",
                ("flag", "claimed", "reason", "source"),
                [
                    (
                        claim.claim.flag,
                        table.claim_text(claim.claim),
                        claim.reason,
                        f"{claim.title}: {claim.claim.section}",
                    )
                    for claim in nowhere
                ],
            )
        )
    return Part(ANCHOR, "Claims", paragraphs=paragraphs, grids=grids)
