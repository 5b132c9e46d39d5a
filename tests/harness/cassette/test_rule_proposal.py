"""Rules that are proposed where a request differs from a recorded one in what varies."""

import json
from pathlib import Path

import pytest
import yaml
from interactions import interaction

from flagbench.cassette import rule_proposal
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.vcr_adapter import SentRequest
from flagbench.scenario.match_rules import MatchRule

PATH = "/v1/chat/completions"


def proposed(recorded: list[object], sent: object, *known: MatchRule) -> list[str]:
    """The rules for a body that is sent, over recorded ones."""
    bodies = [json.dumps(body).encode() for body in (*recorded, sent)]
    cassette = Cassette.of(
        Path("c"), {}, [interaction(path=PATH, request_body=body) for body in bodies[:-1]], known
    )
    request = SentRequest("POST", PATH, bodies[-1], "", 0)
    return [str(rule) for rule in rule_proposal.propose(cassette, request, range(len(recorded)))]


PROPOSED = {
    "one place": ([{"a": "on 2026-11-29"}], {"a": "on 2026-11-30"}, ["use: dates, where: $.a"]),
    "two kinds in one text": (
        [{"a": "2026-11-29, run-4711"}], {"a": "2026-11-30, run-4712"},
        ["use: dates, where: $.a", "use: ids, where: $.a"],
    ),
    "a list": (
        [{"a": [{"b": "4711"}, {"b": "4712"}]}], {"a": [{"b": "4713"}, {"b": "4714"}]},
        ["use: ids, where: $.a[*].b"],
    ),
    "another recorded request": (
        [{"a": "was 2026-11-29"}, {"a": "on 2026-11-29"}], {"a": "on 2026-11-30"},
        ["use: dates, where: $.a"],
    ),
    "many places": (
        [dict.fromkeys("abcdefgh", "4711")], dict.fromkeys("abcdefgh", "4712"),
        ["use: ids"],
    ),
    "other words": ([{"a": "on 2026-11-29"}], {"a": "by 2026-11-30"}, []),
    "another field": ([{"a": "2026-11-29"}], {"b": "2026-11-29"}, []),
    "a small number": ([{"a": "5 rows"}], {"a": "6 rows"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("recorded", "sent", "rules"), PROPOSED.values(), ids=PROPOSED)
def test_what_is_proposed(recorded: list[object], sent: object, rules: list[str]) -> None:
    """The fewest rules, for the places that differ alone."""
    assert proposed(recorded, sent) == rules


def test_what_a_known_rule_explains_is_not_proposed() -> None:
    """Only what is missing."""
    known = MatchRule(use="dates")
    bodies = [{"a": f"2026-11-{day}", "b": number} for day, number in ((29, "4711"), (30, "4712"))]
    assert proposed(bodies[:1], bodies[1], known) == ["use: ids, where: $.b"]


def test_the_lines_are_yaml() -> None:
    """Also for a key that is no plain word."""
    rules = (MatchRule(use="ids", where="$['a key']"), MatchRule(use="dates", where="query"))
    lines = rule_proposal.in_yaml(rules, ())
    read = yaml.safe_load(lines)["match"]
    assert tuple(MatchRule.model_validate(rule) for rule in read) == rules
