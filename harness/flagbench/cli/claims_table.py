"""Table of the claims and their findings."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from flagbench.analysis.claims import table
from flagbench.analysis.claims.assessment import AssessedClaim


def show(ledger: Sequence[AssessedClaim], out: Console) -> None:
    """Print each claim with its finding."""
    if not ledger:
        return
    out.print("\nClaims and measurements", style="bold")
    shown = table.COLUMNS[:-1]
    grid = Table(box=None, pad_edge=False, header_style="dim")
    for column in shown:
        grid.add_column(column, overflow="fold", no_wrap=column != "finding")
    unmeasured = [assessed for assessed in ledger if not assessed.scenario]
    for row in table.rows([assessed for assessed in ledger if assessed.scenario]):
        grid.add_row(*row[: len(shown)])
    out.print(grid)
    out.print(table.LEGEND, style="dim")
    if unmeasured:
        out.print("Not measurable here:")
    for assessed in unmeasured:
        text = f"  {table.claim_text(assessed.claim)} ({assessed.title}): {assessed.reason}"
        out.print(text)
