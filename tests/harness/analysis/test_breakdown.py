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


def used(tokens: int) -> dict[str, object]:
    """The usage of a request with one call."""
    return {"calls": 1, "prompt_tokens": tokens, "completion_tokens": 0, "seconds": 1.0}


def test_calls_that_name_no_request_are_apart() -> None:
    """They are neither the whole cell nor one of its requests."""
    cells = [
        cell(
            combination, tokens=(tokens, tokens),
            by_request={"": used(7), "one-01": used(tokens), "one-02": used(tokens)},
        )
        for combination, tokens in (("none", 100), ("all", 50))
    ]  # fmt: skip
    paired = pairing.pair(cells[:1], cells[1:])
    rows = breakdown.rows(paired)
    assert breakdown.by_scenario(rows)["one"]["tokens"] == (100.0, 50.0)
    assert breakdown.by_request(rows)[breakdown.NO_REQUEST]["tokens"] == (7.0, 7.0)
    assert paired.pairs[0].requests() == ["one-01", "one-02"]


def test_calls_of_a_session_with_one_request_are_of_this_request() -> None:
    """Most generators name none."""
    cells = [
        cell(combination, tokens=(tokens,), by_request={"": used(tokens)})
        for combination, tokens in (("none", 100), ("all", 50))
    ]
    paired = pairing.pair(cells[:1], cells[1:])
    means = breakdown.by_request(breakdown.rows(paired))
    assert means == {"one-01": {"tokens": (100.0, 50.0), "calls": (1.0, 1.0)}}
