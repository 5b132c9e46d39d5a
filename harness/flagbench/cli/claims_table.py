"""The ledger as text for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from flagbench.analysis.claims import table
from flagbench.analysis.claims.assessment import AssessedClaim


def show(ledger: Sequence[AssessedClaim], out: Console) -> None:
    """Print the claims beside what was measured."""
    if not ledger:
        return
    out.print("\nWhat was claimed, and what was measured", style="bold")
    shown = table.COLUMNS[:-1]
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in shown:
        drawn.add_column(column, overflow="fold", no_wrap=column != "finding")
    nowhere = [one for one in ledger if not one.scenario]
    for row in table.rows([one for one in ledger if one.scenario]):
        drawn.add_row(*row[: len(shown)])
    out.print(drawn)
    out.print(table.LEGEND, style="dim")
    if nowhere:
        out.print("Not measurable here:")
    for one in nowhere:
        out.print(f"  {table.claim_text(one.claim)} ({one.title}): {one.reason}", markup=False)
