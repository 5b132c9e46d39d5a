"""Review rules: patterns with a confidence, compiled when a pipeline is read."""

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
    """One rule.

    `required`: a pattern that good code has, worth `weight` in the approval score. `forbidden`: a
    pattern that is a defect with this `confidence`. It is applied once for each part of what is
    asked for that `per` names and `when` fits; the part's own names stand for `{entity}`,
    `{attribute}` and so on (`parts` of `Entity` and of `Project` say which). `layer` is what the
    rule is about, for reviews that weigh it: whether the file means what was asked, or how it is
    written.
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


@dataclass(frozen=True, slots=True, eq=False)  # a book is itself: comparing its rules is slow
class RuleBook:
    """The rules of one kind of artifact."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule applied to one entity, or one attribute or relation of it."""

    rule: Rule
    pattern: re.Pattern[str]
    message: str


def load_rules(path: Path) -> RuleBook:
    """The rules of a file. Raises `ValueError` naming file and rules for anything wrong in it."""
    try:
        rules = TypeAdapter(tuple[Rule, ...]).validate_python(
            yaml.safe_load(path.read_text(encoding="utf-8"))
        )
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error
    times = Counter(rule.id for rule in rules)
    wrong = [f"rule {name!r} stands {count} times" for name, count in times.items() if count > 1]
    for rule in rules:
        try:
            re.compile(rule.pattern, _MODE)
        except re.error as error:
            wrong.append(f"rule {rule.id!r}: bad pattern: {error}")
    if wrong:
        raise ValueError(f"{path}: {'; '.join(wrong)}")
    return RuleBook(rules)


@lru_cache(maxsize=256)  # the sessions of a benchmark ask for the same again and again
def checks_for(book: RuleBook, asked: RequestSpec) -> tuple[Check, ...]:
    """The rules that apply to what is asked for, with its names filled in."""
    return tuple(
        Check(
            rule,
            re.compile(_filled(rule.pattern, names, re.escape), _MODE),
            _filled(rule.message, names, str),
        )
        for rule in book.rules
        for names in asked.parts(rule.per, rule.when)
    )


def _filled(text: str, names: Mapping[str, str], quote: Any) -> str:
    for name, value in names.items():
        text = text.replace("{" + name + "}", quote(value))
    return text
