"""The ledger of claims beside what this run measured."""

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
_MARKS = {ClaimOutcome.REPRODUCED: "good", ClaimOutcome.NOT_REPRODUCED: "bad"}
_SHORT = ("flag", "claimed", "of", "where", "measured [95 %]", "finding")


def claims(cells: Sequence[CellResult], files: Iterable[Path]) -> Claims | None:
    """What became of the claims in the scenarios of a run; None where there is no ledger.

    A ledger that is wrong is told in the place of its counts: the run itself is none the worse.
    """
    found: list[AssessedClaim] = []
    try:
        for path in files:
            found += assessment.assess(cells, path=path)
    except InputError as error:
        return _wrong(error)
    if not found:
        return None
    ran = {cell.scenario for cell in cells}
    here = [claim for claim in found if claim.scenario in ran]
    elsewhere = [claim for claim in found if claim.scenario and claim.scenario not in ran]
    nowhere = [claim for claim in found if not claim.scenario]
    return Claims(
        counts=_counts(here, elsewhere, nowhere),
        columns=_SHORT,
        rows=[row[: len(_SHORT)] for row in table.rows(sorted(here, key=_order))],
        part=_part(here, elsewhere, nowhere),
    )


def _wrong(error: InputError) -> Claims:
    count = len(error.problems)
    counts = f"claims: {count} mistake{'s' * (count > 1)} in the ledger"
    return Claims(
        counts, part=Part(ANCHOR, "Claims", told=[str(problem) for problem in error.problems])
    )


def _counts(
    here: Sequence[AssessedClaim],
    elsewhere: Sequence[AssessedClaim],
    nowhere: Sequence[AssessedClaim],
) -> str:
    counts = Counter(claim.finding for claim in here)
    not_run = counts[ClaimOutcome.NOT_MEASURABLE] + len(elsewhere)
    told = [
        f"{counts[ClaimOutcome.REPRODUCED]} reproduced",
        f"{counts[ClaimOutcome.NOT_REPRODUCED]} not reproduced",
        f"{len(nowhere)} not measurable here",
        *([f"{not_run} not in this run"] if not_run else []),
    ]
    return f"claims: {', '.join(told)}"


def _order(claim: AssessedClaim) -> int:
    return [
        ClaimOutcome.NOT_REPRODUCED,
        ClaimOutcome.REPRODUCED,
        ClaimOutcome.NOT_MEASURABLE,
    ].index(claim.finding)


def _part(
    here: Sequence[AssessedClaim],
    elsewhere: Sequence[AssessedClaim],
    nowhere: Sequence[AssessedClaim],
) -> Part:
    told = [f"{_counts(here, elsewhere, nowhere)}.", table.LEGEND]
    if elsewhere:
        names = ", ".join(sorted({claim.scenario for claim in elsewhere}))
        told.append(f"Not in this run: the claims of {names}.")
    grids = []
    if here:
        marks = [_MARKS.get(claim.finding, "") for claim in here]
        caption = "Claims, and what was measured"
        grids.append(Grid(caption, table.COLUMNS, table.rows(here), marks))
    if nowhere:
        grids.append(
            Grid(
                "Not measurable here",
                ("flag", "claimed", "why not", "source"),
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
    return Part(ANCHOR, "Claims", told=told, grids=grids)
