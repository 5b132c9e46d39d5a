"""Judge of a Streamlit page: it has an input for every attribute, and its form creates a row.

The page runs in a process of its own, on a disk of its own. What it does is seen in the rows that
the API has before and after.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from flagbench.acceptance.crud import fastapi_routes, samples, sqlite_schema
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
    """Open the page, run it again, fill its form and submit it. Raises `Refuted`."""
    fastapi_routes.boot(probe, "runs")
    if selection.has("creates"):
        _insert_others(case, probe)
    rows = _rows(case, probe)
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
    _expect_unchanged(rows, case, probe, "opened")
    _state_after(probe.rerun, "creates")
    _expect_unchanged(rows, case, probe, "run again without its button")
    # A table with columns of its own takes no row but the form's: a second one shows what it loses.
    for row in (1,) if _list(rows) else (1, 2):
        body = samples.body(case.entity, row, case.seed)
        submit = partial(probe.submit, {labels[name]: body[name] for name in body}, button)
        rows = _expect_created(rows, body, case, probe, submit)
    _state_after(probe.rerun, "creates")
    _expect_unchanged(rows, case, probe, "run again after its form was submitted")


def _expect_created(
    rows: Any,
    body: dict[str, Any],
    case: Case,
    probe: ProbeClient,
    submit: Callable[[], PageState],
) -> Any:
    """Submit the form, which must add one row; the list of the API after it."""
    page = _state_after(submit, "creates")
    listed = _rows(case, probe)
    created = [row for row in _list(listed) if row not in _list(rows)]
    lost = [row for row in _list(rows) if row not in _list(listed)]
    if not any(_has_values(row, body) for row in created):
        errors = f"; the page shows {page.errors}" if page.errors else ""
        what = f"the API lists {listed} after the form is submitted"
        raise Refuted("creates", f"{what}; expected: {body}{errors}")
    if len(created) > 1:
        what = f"the form creates {len(created)} rows: {created}"
        raise Refuted("creates", f"{what}; expected: one row")
    if lost:
        raise Refuted("creates", f"the form changes or deletes other rows: {lost}")
    return listed


def _insert_others(case: Case, probe: ProbeClient) -> None:
    """Insert two other rows, as far as their values may occur beside those of the form.

    A table with required columns that are not specified takes none: that is the schema's fault, and
    the page may fill them.
    """
    taken = [samples.body(case.entity, 1, case.seed)]
    for row in (2, 3):
        body = samples.body(case.entity, row, case.seed)
        if any(body[name] == other[name] for name in case.entity.unique for other in taken):
            continue
        taken.append(body)
        try:
            sqlite_schema.insert(probe, case.entity, case.related, row, case.seed)
        except Raised:
            return


def _rows(case: Case, probe: ProbeClient) -> Any:
    """The list of the API."""
    return probe.request("GET", case.entity.collection_address).body


def _list(rows: Any) -> list[Any]:
    return rows if isinstance(rows, list) else []


def _expect_unchanged(rows: Any, case: Case, probe: ProbeClient, when: str) -> None:
    listed = _rows(case, probe)
    if listed != rows:
        what = f"the API lists {listed} after the page was {when}"
        raise Refuted("creates", f"{what}; before: {rows}")


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
