"""Good texts and text edits as tables of cases, and what a book of rules says of a text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.rule import RuleBook, checks_for

# By kind of artifact and by style.
Samples = Mapping[str, Mapping[str, str]]
# By kind and by rule; where a rule has several edits, the name goes on after a colon.
Edits = Mapping[str, Mapping[str, tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The forbidden rules that a text breaks, the required ones, and its score."""

    found: frozenset[str]
    missed: frozenset[str]
    score: float


def judge(book: RuleBook, text: str, asked: RequestSpec) -> Judgement:
    """Apply every check of a book; the score weighs the required rules, and is 0 to 1."""
    checks = [
        (check.rule, check.pattern.search(text) is not None) for check in checks_for(book, asked)
    ]
    required = [(rule, matches) for rule, matches in checks if rule.kind == "required"]
    return Judgement(
        frozenset(rule.id for rule, matches in checks if rule.kind == "forbidden" and matches),
        frozenset(rule.id for rule, matches in required if not matches),
        sum(rule.weight for rule, matches in required if matches)
        / sum(rule.weight for rule, _ in required),
    )


def rule_of(name: str) -> str:
    """The rule in the name of a case, `rule` or `rule: how`."""
    return name.partition(": ")[0]


def styles(samples: Samples) -> list[object]:
    """A case for each good text: its kind and the text."""
    return [
        pytest.param(kind, text, id=f"{kind}: {style}")
        for kind, texts in samples.items()
        for style, text in texts.items()
    ]


def damaged(samples: Samples, edits: Edits) -> list[object]:
    """A case for each edit: the kind, the rule that answers to it, the first style, the edit."""
    return [
        pytest.param(
            kind, rule_of(name), next(iter(samples[kind].values())), edit, id=f"{kind}: {name}"
        )
        for kind, named in edits.items()
        for name, edit in named.items()
    ]


def rules_in(*tables: Edits) -> set[tuple[str, str]]:
    """The kinds and rules that tables of edits have cases for."""
    return {
        (kind, rule_of(name)) for table in tables for kind, named in table.items() for name in named
    }


def applied(edit: tuple[str, str], text: str) -> str:
    """Replace all that a regular expression matches; fails where it matches nothing."""
    changed, changes = re.subn(*edit, text, flags=re.DOTALL | re.MULTILINE)
    assert changes > 0, f"{edit[0]!r} is not in the sample"
    return changed
