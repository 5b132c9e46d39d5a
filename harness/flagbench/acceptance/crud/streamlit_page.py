"""Judge of a Streamlit page: its form creates a row, which the page then shows, and errors too.

The page runs in a process of its own, on a disk of its own. What it does is seen in the rows that
the API has before and after.
"""

import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flagbench.acceptance.crud import fastapi_routes, samples, sqlite_schema
from flagbench.acceptance.probe_client import PageState, ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import Selection
from flagbench.scenario.specification import Attribute, Entity

CHECKS = ("runs", "form", "creates", "shows", "reports-errors")
_OF_ROWS = ("creates", "shows", "reports-errors")
_TEXTS = ("string", "text", "email")
_TEXT_INPUTS = ("text_input", "text_area")


def judge(
    case: Case,
    probe: ProbeClient,
    figures: Figures,  # noqa: ARG001  as every judge
    selection: Selection,
) -> None:
    """Open the page, run it again, fill its form and submit it. Raises `Refuted`."""
    fastapi_routes.boot(probe, "runs")
    if selection.has(*_OF_ROWS):
        _insert_others(case, probe)
    rows = _rows(case, probe)
    page = _state_after(partial(probe.open, case.path), "runs")
    if not selection.has("form", *_OF_ROWS):
        return
    labels = _labels(case, page)
    links = _links(case, page, probe)
    button = case.entity.button
    if button.lower() not in [label.lower() for label in page.buttons]:
        raise Refuted("form", f"button {button!r} is missing; the page has {page.buttons}")
    button = next(label for label in page.buttons if label.lower() == button.lower())
    if not selection.has(*_OF_ROWS):
        return
    _expect_unchanged(rows, case, probe, "opened")
    _state_after(probe.rerun, "creates")
    _expect_unchanged(rows, case, probe, "run again without its button")

    def submit(body: dict[str, Any], relations: Mapping[str, Link]) -> PageState:
        values = {labels[name]: value for name, value in body.items()}
        values |= {link.label: link.entered for link in relations.values()}
        return probe.submit(values, button)

    def create(body: dict[str, Any], relations: Mapping[str, Link]) -> tuple[Any, PageState]:
        wanted = {**body, **{name: link.stored for name, link in relations.items()}}
        created = partial(submit, body, relations)
        return _expect_created(rows, wanted, case, probe, created)

    if not all(attribute.required for attribute in case.entity.values):
        needed = {name: link for name, link in links.items() if link.required}
        rows, _ = create(samples.body(case.entity, 4, case.seed, optional=False), needed)
    # A table with columns of its own takes no row but the form's: a second one shows what it loses.
    for row in (1,) if _list(rows) else (1, 2):
        body = samples.body(case.entity, row, case.seed)
        rows, page = create(body, links)
    pages = [page]
    if selection.has("reports-errors"):
        pages.append(_check_errors(case, probe, partial(submit, body, links), labels))
    else:
        pages.append(_state_after(probe.rerun, "creates"))
    _expect_unchanged(rows, case, probe, "run again after its form was submitted")
    for page in pages if selection.has("shows") else ():
        _check_shown(case, body, page)


# As FastAPI refuses a body, and as it answers where an exception escaped.
_REASON = "this is not allowed today"
_REFUSAL = json.dumps({"detail": [{"type": "value_error", "loc": ["body"], "msg": _REASON}]})
_FAILURE = "Internal Server Error"


def _check_errors(
    case: Case, probe: ProbeClient, submit: Callable[[], PageState], labels: Mapping[str, str]
) -> PageState:
    """Let the API refuse the form, then fail to list; the page after the refusal."""
    address = case.entity.collection_address
    status = case.entity.statuses.of("refused")[0]
    probe.fail("POST", address, status, _REFUSAL)
    refused = _state_after(submit, "reports-errors")
    answered = f"although POST {address} answered {status}"
    if refused.successes:
        what = f"the page says {refused.successes[0]!r} {answered}"
        raise Refuted("reports-errors", f"{what}; expected: no success")
    _expect_error(refused, _REASON, answered)
    probe.fail("GET", address, 500, _FAILURE)
    unlisted = _state_after(probe.rerun, "reports-errors")
    answered = f"although GET {address} answered 500"
    _expect_error(unlisted, _FAILURE, answered)
    kept = [label for _, label in unlisted.inputs]
    lost = [label for label in labels.values() if label not in kept]
    if lost:
        what = f"the page has no input {', '.join(lost)} {answered}"
        raise Refuted("reports-errors", f"{what}; expected: the form as before")
    return refused


def _expect_error(page: PageState, reason: str, answered: str) -> None:
    if not page.errors and not any(reason in shown for shown in page.shown):
        what = f"the page shows no error {answered}"
        raise Refuted("reports-errors", f"{what}; it shows {page.shown}")


def _check_shown(case: Case, body: Mapping[str, Any], page: PageState) -> None:
    """Check that the page shows a text of the created row, in any notation."""
    for attribute in case.entity.values:
        if attribute.type in _TEXTS:
            text = str(body[attribute.name])
            forms = (text, repr(text)[1:-1], json.dumps(text)[1:-1], html.escape(text))
            if not any(form in shown for form in forms for shown in page.shown):
                what = f"the page does not show {text!r}, which its form has created"
                raise Refuted("shows", f"{what}; it shows {page.shown}")
            return


def _expect_created(
    rows: Any,
    body: dict[str, Any],
    case: Case,
    probe: ProbeClient,
    submit: Callable[[], PageState],
) -> tuple[Any, PageState]:
    """Submit the form, which must add one row; the list of the API after it, and the page."""
    page = _state_after(submit, "creates")
    listed = _rows(case, probe)
    created = [row for row in _list(listed) if row not in _list(rows)]
    lost = [row for row in _list(rows) if row not in _list(listed)]
    if not any(_holds(row, body, case.entity.values) for row in created):
        errors = f"; the page shows {page.errors}" if page.errors else ""
        what = f"the API lists {listed} after the form is submitted"
        raise Refuted("creates", f"{what}; expected: {body}{errors}")
    if len(created) > 1:
        what = f"the form creates {len(created)} rows: {created}"
        raise Refuted("creates", f"{what}; expected: one row")
    if lost:
        raise Refuted("creates", f"the form changes or deletes other rows: {lost}")
    return listed, page


def _insert_others(case: Case, probe: ProbeClient) -> None:
    """Insert two other rows, as far as their values may occur beside those of the form.

    A table with required columns that are not specified takes none: that is the schema's fault, and
    the page may fill them.
    """
    taken = [samples.body(case.entity, row, case.seed) for row in (1, 4)]
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
        labels = [label for _, label in page.inputs if label == specified]
        labels_by_attribute[attribute.name] = (
            _label_among(labels, page, specified)
            if specified
            else _label_of((attribute.words,), page)
        )
    return labels_by_attribute


def _label_of(words: Sequence[str], page: PageState) -> str:
    """The label that says one of these words. Raises `Refuted`."""
    wanted = [text.lower() for text in words]
    labels = [
        label for _, label in page.inputs if label.split("(")[0].strip(" *:").lower() in wanted
    ]
    return _label_among(labels, page, words[0])


def _label_among(labels: Sequence[str], page: PageState, wanted: str) -> str:
    if not labels:
        inputs = ", ".join(label for _, label in page.inputs) or "none"
        raise Refuted("form", f"input {wanted!r} is missing; the page has {inputs}")
    return labels[0]


@dataclass(frozen=True, slots=True)
class Link:
    """An input of a relation: its label, what is entered, and what the API then has."""

    label: str
    entered: int | str
    stored: int | list[int]
    required: bool


def _links(case: Case, page: PageState, probe: ProbeClient) -> dict[str, Link]:
    """Field of the API -> the input of a relation to rows that there are, if it takes their ids.

    An input in which rows are chosen is left as it is. Raises `Refuted` for one that is missing.
    """
    related = {entity.entity: entity for entity in (*case.related, case.entity)}
    kinds = {label: kind for kind, label in page.inputs}
    links = {}
    for name, relation in case.entity.relations.items():
        if relation.target is None:
            continue
        target, is_one = related[relation.target], relation.kind == "many_to_one"
        field = f"{name}_id" if is_one else f"{target.module}_ids"
        label = _label_of([_words(field), _words(name)], page)
        takes_id = kinds[label] in ((*_TEXT_INPUTS, "number_input") if is_one else _TEXT_INPUTS)
        row = _target_id(target, case, probe) if takes_id else None
        if row is not None:
            entered = row if kinds[label] == "number_input" else str(row)
            links[field] = Link(label, entered, row if is_one else [row], relation.required)
    return links


def _target_id(target: Entity, case: Case, probe: ProbeClient) -> int | None:
    """Id of a row to point at; None where its table takes none, which is the schema's fault."""
    try:
        if sqlite_schema.last_id(probe, target) is None:
            sqlite_schema.insert(probe, target, case.related, 1, case.seed)
        number = sqlite_schema.last_id(probe, target)
    except Raised:
        return None
    return number if isinstance(number, int) else None


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _holds(row: Any, body: Mapping[str, Any], attributes: Sequence[Attribute]) -> bool:
    """True for a row with these values, and without those that were left out.

    A checkbox cannot be left out.
    """
    if not isinstance(row, dict):
        return False
    left_out = [
        attribute.name
        for attribute in attributes
        if attribute.name not in body and attribute.type != "boolean"
    ]
    return all(row.get(name) == value for name, value in body.items()) and all(
        row.get(name) in (None, "") for name in left_out
    )
