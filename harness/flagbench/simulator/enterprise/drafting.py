"""Drafts: a component in one of two styles of its kind, with the slips that are drawn."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from flagbench.simulator.enterprise.dirt import spoiled
from flagbench.simulator.enterprise.facts import Facts, facts_of, with_paths
from flagbench.simulator.enterprise.order import Order
from flagbench.simulator.enterprise.slips import Slip, present_in
from flagbench.simulator.rng import Rng

STYLES = ("a", "b")
_SQL = {"text": "TEXT", "email": "TEXT", "number": "REAL"}


def draft(path: str, kind: str, order: Order, draws: Rng, multiplier: float) -> str:
    """The text of a component as it is sent: with its slips, lint and errors of syntax."""
    slips = present_in(kind, order, draws.within("slips"), multiplier)
    text = render(kind, order, slips, draws)
    return spoiled(path, text, draws.within("dirt"), multiplier)


def render(kind: str, order: Order, slips: Iterable[Slip], draws: Rng) -> str:
    """The text of a kind in the style that is drawn, with these slips."""
    facts = facts_of(order.brief, order.context)
    for slip in slips:
        facts["slips"].add(slip.name)
        if slip.change:
            slip.change(facts, draws.within(slip.name))
    facts = _with_slips_in_requests(with_paths(facts), draws)
    facts["style"] = draws.pick("style", STYLES)
    template = _template(order.brief.framework.lower(), order.brief.family, kind)
    if template is None:
        return f"A file of this kind cannot be written for {order.brief.framework}.\n"
    return re.sub(r"\n{4,}", "\n\n\n", template.render(facts)).strip("\n") + "\n"


def _with_slips_in_requests(facts: Facts, draws: Rng) -> Facts:
    requests, slips = list(facts["requests"]), facts["slips"]
    if "path_left_out" in slips:
        requests.remove(draws.pick("left out", requests))
    if "invented_path" in slips and facts["tables"]:
        table = draws.pick("invented", list(facts["tables"]))
        requests.append(("GET", f"{facts['prefix']}/{table}/search", "200, the rows that match"))
    return facts | {"requests": requests}


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  the texts are programs, not pages
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("texts")),
    )
    environment.filters |= {
        "literal": _literal, "sql": lambda kind: _SQL.get(kind, "INTEGER"), "groups": _groups,
        "words": lambda name: name.replace("_", " "), "article": _with_article, "js": _script,
    }  # fmt: skip
    return environment


@cache
def _template(framework: str, family: str, kind: str) -> jinja2.Template | None:
    places = [f"{place}/{kind}.j2" for place in (framework, family, "any")]
    try:
        return _environment().select_template(places)
    except jinja2.TemplatesNotFound:
        return None


def _literal(value: Any) -> str:
    """A Python literal with double quotes."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(k)}: {_literal(v)}' for k, v in value.items())}}}"
    if isinstance(value, tuple):
        return f"({''.join(f'{_literal(item)}, ' for item in value).rstrip(' ')})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _script(value: Any) -> str:
    """A JavaScript literal."""
    return json.dumps(value)


def _groups(requests: list[tuple[str, str, str]]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Requests by the first part of their path that names a thing."""

    def heading(request: tuple[str, str, str]) -> str:
        parts = [part for part in request[1].split("/") if part not in ("", "api", "v1")]
        name = parts[0] if request[1].count("/") > 1 else "service"
        return name.replace("_", " ").capitalize()

    groups: dict[str, list[tuple[str, str, str]]] = {}
    for request in requests:
        groups.setdefault(heading(request), []).append(request)
    return list(groups.items())


def _with_article(name: str) -> str:
    words = name.replace("_", " ")
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"
