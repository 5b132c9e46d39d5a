"""Judge of a Streamlit page: it has an input for every attribute, and its form creates a row."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flagbench.acceptance.crud import fastapi_routes, samples
from flagbench.acceptance.probe_client import PageState, ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import Selection

CHECKS = ("runs", "form", "creates")


def judge(
    case: Case,
    probe: ProbeClient,
    figures: Figures,  # noqa: ARG001  as every judge
    selection: Selection,
) -> None:
    """Open the page, fill its form and submit it. Raises `Refuted`."""
    fastapi_routes.boot(probe, "runs")
    page = _state_after(partial(probe.open, case.path), "runs")
    if not selection.has("form", "creates"):
        return
    labels = _labels(case, page)
    button = case.entity.button
    if button.lower() not in [label.lower() for label in page.buttons]:
        raise Refuted("form", f"button {button!r} is missing; the page has {page.buttons}")
    button = next(label for label in page.buttons if label.lower() == button.lower())
    if not selection.has("creates"):
        return
    body = samples.body(case.entity, 1)
    values = {labels[name]: value for name, value in body.items()}
    page = _state_after(partial(probe.submit, values, button), "creates")
    rows = probe.request("GET", case.entity.collection_address).body
    if not isinstance(rows, list) or not any(_has_values(row, body) for row in rows):
        errors = f"; the page shows {page.errors}" if page.errors else ""
        what = f"the API lists {rows} after the form is submitted"
        raise Refuted("creates", f"{what}; expected: {body}{errors}")


def _state_after(action: Callable[[], PageState], check: str) -> PageState:
    try:
        page = action()
    except Raised as raised:
        raise Refuted(check, str(raised)) from raised
    if page.raised:
        raise Refuted(check, f"the page raised {page.raised[0]}")
    return page


def _labels(case: Case, page: PageState) -> dict[str, str]:
    """Attribute -> the label of its input.

    That is the specified one, or the attribute in words, with an asterisk or a word in brackets.
    """
    labels_by_attribute = {}
    for attribute in case.entity.values:
        specified = case.entity.labels.get(attribute.name)
        labels = [
            label
            for _, label in page.inputs
            if (
                label == specified
                if specified
                else label.split("(")[0].strip(" *:").lower() == attribute.words.lower()
            )
        ]
        if not labels:
            inputs = ", ".join(label for _, label in page.inputs) or "none"
            what = f"input {(specified or attribute.words)!r} is missing"
            raise Refuted("form", f"{what}; the page has {inputs}")
        labels_by_attribute[attribute.name] = labels[0]
    return labels_by_attribute


def _has_values(row: Any, body: dict[str, Any]) -> bool:
    return isinstance(row, dict) and all(row.get(name) == value for name, value in body.items())
