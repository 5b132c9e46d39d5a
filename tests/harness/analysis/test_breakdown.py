"""Pairs as rows, and their means."""

from made_cells import PATHS, cell

from flagbench.analysis.comparison import breakdown, pairing

PAIRED = pairing.pair(
    [cell(trial=t, tokens=(100 * t, 40), seconds=8.0) for t in (1, 2)],
    [cell("all", trial=t, tokens=(50, 40), seconds=4.0, refuted=PATHS[:2]) for t in (1, 2)],
)


def test_means_by_scenario_are_per_request() -> None:
    """Amounts per request, rates of the files."""
    means = breakdown.by_scenario(breakdown.rows(PAIRED))
    assert means["one"]["tokens"] == ((140 + 240) / 4, 45.0)
    assert means["one"]["seconds"] == (4.0, 2.0)
    assert means["one"]["acceptance"] == (1.0, 0.75)


def test_means_by_request() -> None:
    """Tokens and calls, over the trials."""
    means = breakdown.by_request(breakdown.rows(PAIRED))
    assert means["one-01"]["tokens"] == (150.0, 50.0)
    assert means["one-02"] == {"tokens": (40.0, 40.0), "calls": (1.0, 1.0)}


def test_declared_requests_are_not_paired() -> None:
    """Only whole cells are left."""
    pairs = pairing.pair([cell(tokens=(1,))], [cell("all", tokens=(1, 2))], ["requests"])
    assert {row.request for row in breakdown.rows(pairs)} == {breakdown.WHOLE_CELL}
