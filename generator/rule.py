"""Review rules: patterns with a confidence, compiled when a pipeline is read."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from generator.spec import Attribute, Entity

_MODE = re.MULTILINE | re.DOTALL


class Rule(BaseModel):
    """One rule.

    `required`: a pattern that good code has, worth `weight` in the approval score. `forbidden`: a
    pattern that is a defect with this `confidence`. `{entity}`, `{module}`, `{table}`, `{path}`
    and, by `per`, `{attribute}` and `{type}` or `{relation}`, `{field}` and `{target}` stand for
    the entity's own names. `when` limits a rule to where it applies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Literal["required", "forbidden"]
    pattern: str
    message: str
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    weight: Annotated[float, Field(gt=0)] = 1.0
    per: Literal["entity", "attribute", "relation"] = "entity"
    when: (
        Literal[
            "required_attribute",
            "optional_attribute",
            "many_to_one",
            "many_to_many",
            "one_to_many",
            "has_rules",
        ]
        | None
    ) = None


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


@lru_cache(maxsize=256)  # the sessions of a benchmark ask for the same entities again and again
def checks_for(book: RuleBook, entity: Entity) -> tuple[Check, ...]:
    """The rules that apply to an entity, with its names filled in."""
    return tuple(
        Check(
            rule,
            re.compile(_filled(rule.pattern, names, re.escape), _MODE),
            _filled(rule.message, names, str),
        )
        for rule in book.rules
        for names in _names(rule, entity)
    )


def _names(rule: Rule, entity: Entity) -> Iterator[Mapping[str, str]]:
    """The names to fill in, once for everything the rule applies to."""
    of_entity = {
        "entity": entity.name,
        "module": entity.module,
        "table": entity.table,
        "path": entity.path,
    }
    if rule.per == "attribute":
        for one in entity.attributes:
            if _applies(rule, one):
                yield {**of_entity, "attribute": one.name, "type": one.python_type}
    elif rule.per == "relation":
        for relation in entity.relations:
            if rule.when in (None, relation.kind):
                yield {
                    **of_entity,
                    "relation": relation.name,
                    "field": relation.field,
                    "target": relation.target,
                }
    elif _entity_meets(rule.when, entity):
        yield of_entity


def _applies(rule: Rule, attribute: Attribute) -> bool:
    return rule.when in (None, "required_attribute" if attribute.required else "optional_attribute")


def _entity_meets(when: str | None, entity: Entity) -> bool:
    if when is None:
        return True
    if when == "has_rules":
        return bool(entity.rules)
    if when in ("required_attribute", "optional_attribute"):
        return any(one.required == (when == "required_attribute") for one in entity.attributes)
    return any(relation.kind == when for relation in entity.relations)


def _filled(text: str, names: Mapping[str, str], quote: Any) -> str:
    for name, value in names.items():
        text = text.replace("{" + name + "}", quote(value))
    return text
