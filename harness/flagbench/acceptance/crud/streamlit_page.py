"""A Streamlit page: it runs, asks for every attribute, and its form creates what the API lists."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flagbench.acceptance.crud import fastapi_routes, samples
from flagbench.acceptance.probe_client import PageState, ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised

CHECKS = ("runs", "form", "creates")


def judge(case: Case, asker: ProbeClient, figures: Figures) -> None:  # noqa: ARG001  as every judge
    """Use the page as a person would."""
    fastapi_routes.booted(asker, "runs")
    seen = _seen(partial(asker.open, case.path), "runs")
    labels = _labels(case, seen)
    button = f"Create {case.entity.words}"
    if button.lower() not in [one.lower() for one in seen.buttons]:
        raise Refuted("form", f"there is no button {button!r}, only {seen.buttons}")
    button = next(one for one in seen.buttons if one.lower() == button.lower())
    body = samples.body(case.entity, 1)
    values = {labels[name]: value for name, value in body.items()}
    seen = _seen(partial(asker.submit, values, button), "creates")
    rows = asker.request("GET", case.entity.address).body
    if not isinstance(rows, list) or not any(_is(row, body) for row in rows):
        errors = f"; the page says {seen.errors}" if seen.errors else ""
        raise Refuted("creates", f"{body} was entered, the API then lists {rows}{errors}")


def _seen(look: Callable[[], PageState], check: str) -> PageState:
    try:
        seen = look()
    except Raised as raised:
        raise Refuted(check, str(raised)) from raised
    if seen.raised:
        raise Refuted(check, f"the page raised {seen.raised[0]}")
    return seen


def _labels(case: Case, seen: PageState) -> dict[str, str]:
    """Attribute -> the label of its input; an asterisk or a word in brackets may stand behind."""
    found = {}
    for attribute in case.entity.values:
        labels = [
            label
            for _, label in seen.inputs
            if label.split("(")[0].strip(" *:").lower() == attribute.words.lower()
        ]
        if not labels:
            have = ", ".join(label for _, label in seen.inputs)
            raise Refuted("form", f"there is no input {attribute.words!r}, only {have}")
        found[attribute.name] = labels[0]
    return found


def _is(row: Any, body: dict[str, Any]) -> bool:
    return isinstance(row, dict) and all(row.get(name) == value for name, value in body.items())
