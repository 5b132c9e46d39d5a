"""A flat row has every count of a cell, each under a name of its own."""

from made_up_run import cell

from flagbench.measurement.cell_result import Metric, Normalised, ServiceUsage
from flagbench.measurement.flat_row import flat_row


def test_calls_of_services_are_counts() -> None:
    """Each in a column, as an export can have it; unknown seconds are none."""
    row = flat_row(
        cell(
            services={"store": ServiceUsage(calls=3, failed=1, seconds=None)},
            normalised={"dates": Normalised(places=2, requests=1)},
        )
    )
    assert (row["services.store.calls"], row["services.store.failed"]) == (3, 1)
    assert row["services.store.seconds"] is None
    assert (row["normalised.dates.places"], row["normalised.dates.requests"]) == (2, 1)
    assert not any(isinstance(value, dict) for value in row.values())


def test_a_metric_takes_no_other_column() -> None:
    """A subject may call its own one as a field of a cell."""
    made = cell(metrics={"requests": Metric(7.0, "", "lower"), "lint": Metric(2.0, "", "lower")})
    row = flat_row(made)
    assert (row["requests"], row["metric.requests"], row["lint"]) == (made.requests, 7.0, 2.0)
