"""Calls of services in a cell, as the judges of its artifacts see them."""

from flagbench.acceptance.optimizer.case import ServiceCall
from flagbench.run.cell_run import CellRun


def service_calls(run: CellRun) -> list[ServiceCall]:
    """The calls of services, in the order of their ends."""
    return [
        ServiceCall(
            service=call.interaction.service,
            method=call.interaction.method,
            path=call.interaction.path.removeprefix(f"//{call.interaction.service}"),
            body=bytes(call.interaction.request_body).decode("utf-8", "replace"),
            seconds=round(call.started_seconds, 6),
            status=call.interaction.status,
            was_cancelled=call.cancelled,
        )
        for call in run.calls
        if call.interaction.service
    ]
