"""The ledger as text for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from harness.claims import words
from harness.claims.ledger import Assessed


def show(ledger: Sequence[Assessed], out: Console) -> None:
    """Print the claims beside what was measured."""
    if not ledger:
        return
    out.print("\nWhat was claimed, and what was measured", style="bold")
    shown = words.COLUMNS[:-1]
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in shown:
        drawn.add_column(column, overflow="fold", no_wrap=column != "finding")
    nowhere = [one for one in ledger if not one.scenario]
    for row in words.rows([one for one in ledger if one.scenario]):
        drawn.add_row(*row[: len(shown)])
    out.print(drawn)
    out.print(words.LEGEND, style="dim")
    if nowhere:
        out.print("Not measurable here:")
    for one in nowhere:
        out.print(f"  {words.claimed(one.claim)} ({one.title}): {one.reason}", markup=False)
