"""Review rules: patterns with a confidence, read from YAML and compiled per request."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from flagbench_generators.kernel.request_spec import RequestSpec

_MODE = re.MULTILINE | re.DOTALL


Condition = Literal[
    "required_attribute", "optional_attribute",
    "many_to_one", "one_to_many", "many_to_many", "one_to_one", "foreign_key",
    "through", "self_reference", "has_rules",
    "null_field", "required_field", "unique_field", "choices_field", "bounded_field",
    "default_field", "null_relation", "deleting",
]  # fmt: skip


class Rule(BaseModel):
    """A pattern to find in a file, or not to find.

    `required`: a pattern of correct code, with a `weight` in the approval score. `forbidden`: a
    pattern that is a defect with this `confidence`. A rule applies once to each part of the
    specification of kind `per` that meets `when`; `{entity}`, `{attribute}` and so on are replaced
    by the part's names (see `parts` of `Entity` and of `Project`). `layer` says whether the rule
    checks the meaning of the file or its style, for reviews that weight them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Literal["required", "forbidden"]
    pattern: str
    message: str
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    weight: Annotated[float, Field(gt=0)] = 1.0
    per: Literal["project", "entity", "attribute", "field", "relation"] = "entity"
    when: Condition | None = None
    layer: Literal["semantics", "practice"] = "semantics"


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: comparing the rules is slow
class RuleBook:
    """Rules for one kind of artifact."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule applied to an entity, an attribute or a relation."""

    rule: Rule
    pattern: re.Pattern[str]
    message: str


def load_rules(path: Path) -> RuleBook:
    """Read the rules of a file. Raises `ValueError` with the file and everything wrong in it."""
    try:
        rules = TypeAdapter(tuple[Rule, ...]).validate_python(
            yaml.safe_load(path.read_text(encoding="utf-8"))
        )
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error
    counts = Counter(rule.id for rule in rules)
    problems = [
        f"rule {name!r} occurs {count} times; expected: once"
        for name, count in counts.items()
        if count > 1
    ]
    for rule in rules:
        try:
            re.compile(rule.pattern, _MODE)
        except re.error as error:
            problems.append(f"rule {rule.id!r}: bad pattern: {error}")
    if problems:
        raise ValueError(f"{path}: {'; '.join(problems)}")
    return RuleBook(rules)


@lru_cache(maxsize=256)  # the sessions of a benchmark have the same requests
def checks_for(book: RuleBook, spec: RequestSpec) -> tuple[Check, ...]:
    """List the rules that apply to a specification, with its names filled in."""
    return tuple(
        Check(
            rule,
            re.compile(_fill_in(rule.pattern, names, re.escape), _MODE),
            _fill_in(rule.message, names, str),
        )
        for rule in book.rules
        for names in spec.parts(rule.per, rule.when)
    )


def _fill_in(text: str, names: Mapping[str, str], quote: Any) -> str:
    for name, value in names.items():
        text = text.replace("{" + name + "}", quote(value))
    return text
