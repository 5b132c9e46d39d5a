"""A grid of texts as a table of a terminal."""

from rich.table import Table

from flagbench.report.content import Grid


def plain_table(grid: Grid) -> Table:
    """A table without lines or caption: the first column to the left, the others to the right."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, column in enumerate(grid.columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    for row in grid.rows:
        table.add_row(*row)
    return table
