"""Comparison of a request with its recognition: what was understood, and what is doubtful."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from flagbench_generators.crud.request_words import content, is_said, plain, stem, words_of
from flagbench_generators.crud.spec import Attribute, Entity, Recognition, Relation
from flagbench_generators.kernel.naming import snake_case

Kind = Literal["constraint", "type", "words", "invented", "clause", "target"]

_UNIQUE = re.compile(
    r"\bunique\b|\bdistinct\b|\bno (?:two|duplicates?|repeats?)\b|\bduplica\w+|\btwice\b"
    r"|\brepeated\b|\bunic[oa]s?\b|\bsem (?:duplica\w+|repeti\w+)|\brepet\w+|\b(?:the|o|a) same\b"
)
_SAME = re.compile(
    r"\b(?:no two|two|nenhum\w*|dois|duas)\b.*\b(?:the same|[oa] mesm[oa])\b|\bmesm[oa]\b"
)
_OPTIONAL = re.compile(
    r"\boptional(?:ly)?\b|\bopciona\w+|\bnot (?:required|mandatory)\b|\bnao obrigatori\w+"
    r"|\bif (?:known|any)\b|\bse houver\b|\b(?:may|can) be (?:empty|missing|blank)\b"
)
_REQUIRED = re.compile(r"(?<!not )(?<!nao )\b(?:required|mandatory|obligatory|obrigatori\w+)\b")
_BOUND = re.compile(
    r"\bat (?:least|most)\b|\b(?:no|not) (?:more|less|fewer) than\b|\bup to \d"
    r"|\b(?:more|less|greater|fewer|higher|lower) than\b"
    r"|\b(?:maximum|minimum|max|min)\b|\bbetween -?\d|\bpositive\b|\bnegative\b"
    r"|\b(?:no )?(?:maximo|minimo)\b|\b(?:pelo|ao) menos\b|\bentre -?\d"
    r"|\b(?:maior|menor|mais|menos)(?:es)? (?:do )?que\b"
    r"|\bpositiv[oa]s?\b|\bnegativ[oa]s?\b|\bate \d|[<>]=?"
)
_FORBIDDEN = re.compile(
    r"\b(?:cannot|can ?not|can't|must ?n[o']t|never|may not|nao pode\w*|nunca|jamais)\b"
)
_EITHER = re.compile(
    r"\bor not\b|\byes(?:/| or )no\b|\btrue(?:/| or )false\b|\bsim(?:/| ou )nao\b|\bou nao\b"
)
_MOMENT = re.compile(r"\b(?:date and time|datetime|timestamp|data e (?:a )?hora)\b")
_DAY = re.compile(r"\b(?:dates?|birthdays?|data d[eoa]|data que)\b")
# Words of wishes that no entity is named with: `AppToTrackInvoice`, `GuardarContato`.
_WISHES = frozenset(
    {
        "to",
        "for",
        "that",
        "para",
        "create",
        "build",
        "make",
        "manage",
        "criar",
        "guardar",
        "cadastrar",
        "registrar",
        "controlar",
    }
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A part of a request without an effect, or the other way round, in words."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """The parts of a recognition, one line each, and the doubts that a person should look at."""

    entity: str
    intent: str
    attributes: tuple[str, ...]
    relations: tuple[str, ...]
    rules: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def understood(
    request: str, recognition: Recognition, made: Collection[str], *, is_last: bool
) -> Understood:
    """Hold a recognition against the words of its request.

    `made` are the modules of the entities so far, this one included. Whether a relation has a
    target is known after the last request, see `unmade`; until then the target may come.
    """
    own = snake_case(recognition.entity)
    known = {*made, own}
    return Understood(
        entity=recognition.entity,
        intent=recognition.intent,
        attributes=tuple(map(_attribute_words, recognition.attributes)),
        relations=tuple(
            _relation_words(relation, snake_case(relation.target) in known)
            for relation in recognition.relations
        ),
        rules=recognition.rules,
        doubts=(
            *_lost_constraints(plain(request), recognition),
            *_lost_types(plain(request), recognition),
            *_lost_words(request, recognition),
            *_invented(request, recognition),
            *_clauses(recognition),
            *(_unmade_doubts(recognition.entity, recognition.relations, known) if is_last else ()),
        ),
    )


def unmade(entity: Entity, made: Collection[str]) -> tuple[str, ...]:
    """The targets of an entity's relations that are in none of the modules `made`."""
    return tuple(
        dict.fromkeys(
            relation.target
            for relation in entity.relations
            if relation.kind != "one_to_many" and snake_case(relation.target) not in made
        )
    )


def unmade_text(entity: str, target: str) -> str:
    """The sentence about a relation to an entity that no request makes."""
    return f"no request makes {target}, which {entity} points at"


def _unmade_doubts(
    entity: str, relations: tuple[Relation, ...], made: Collection[str]
) -> Iterator[Doubt]:
    for target in unmade(Entity(name=entity, relations=relations), made):
        yield Doubt("target", unmade_text(entity, target))


def _attribute_words(attribute: Attribute) -> str:
    optional = "" if attribute.required else "optional "
    return f"{attribute.name}: {optional}{attribute.type}"


def _relation_words(relation: Relation, is_made: bool) -> str:
    if relation.kind == "one_to_many":
        own = ", ".join(map(_attribute_words, relation.attributes))
        return f"{relation.name}: rows of its own ({own})"
    many = "many" if relation.kind == "many_to_many" else "one"
    so_far = "" if is_made else " (not made so far)"
    return f"{relation.name}: {many} {relation.target}{so_far}"


def _all_attributes(recognition: Recognition) -> list[Attribute]:
    children = [child for relation in recognition.relations for child in relation.attributes]
    return [*recognition.attributes, *children]


def _lost_constraints(request: str, recognition: Recognition) -> Iterator[Doubt]:
    rules = [plain(rule) for rule in recognition.rules]
    attributes = _all_attributes(recognition)
    is_optional = [not attribute.required for attribute in attributes]
    is_optional += [not relation.required for relation in recognition.relations]
    is_required = [attribute.required for attribute in attributes]
    is_required += [relation.required for relation in recognition.relations]

    def in_rules(pattern: re.Pattern[str]) -> Callable[[], bool]:
        return lambda: any(pattern.search(rule) for rule in rules)

    effects: tuple[tuple[re.Pattern[str], str, Callable[[], bool]], ...] = (
        (_UNIQUE, "is in no rule", in_rules(re.compile(f"{_UNIQUE.pattern}|{_SAME.pattern}"))),
        (_OPTIONAL, "made nothing optional", lambda: any(is_optional)),
        (_REQUIRED, "made nothing required", lambda: any(is_required)),
        (_BOUND, "is in no rule", in_rules(_BOUND)),
        (_FORBIDDEN, "is in no rule", lambda: bool(rules)),
    )
    for pattern, what, has_effect in effects:
        found = pattern.search(request)
        if found and not has_effect():
            yield Doubt("constraint", f'"{found[0]}" {what}')


def _lost_types(request: str, recognition: Recognition) -> Iterator[Doubt]:
    types = {attribute.type for attribute in _all_attributes(recognition)}
    for pattern, wanted in ((_EITHER, {"boolean"}), (_MOMENT, {"datetime"}),
                            (_DAY, {"date", "datetime"})):  # fmt: skip
        found = pattern.search(request)
        if found and not types & wanted:
            yield Doubt("type", f'"{found[0]}" made no attribute a {" or ".join(sorted(wanted))}')


def _names(recognition: Recognition) -> Iterator[str]:
    yield recognition.entity
    for attribute in _all_attributes(recognition):
        yield attribute.name
    for relation in recognition.relations:
        yield relation.name
        yield relation.target


def _lost_words(request: str, recognition: Recognition) -> Iterator[Doubt]:
    """One doubt with all content words that are in no part of the recognition."""
    said = frozenset(
        stem(word) for part in (*_names(recognition), *recognition.rules) for word in words_of(part)
    )
    lost = [word for word in content(request) if not is_said(word, said)]
    if lost:
        yield Doubt("words", f"nothing was made of: {', '.join(lost)}")


def _invented(request: str, recognition: Recognition) -> Iterator[Doubt]:
    """One doubt with all names of which the request has no word."""
    said = frozenset(map(stem, words_of(request)))
    names = [
        name
        for name in dict.fromkeys(_names(recognition))
        if not any(is_said(word, said) for word in words_of(name))
    ]
    if names:
        yield Doubt("invented", f"the request does not speak of: {', '.join(names)}")


def _clauses(recognition: Recognition) -> Iterator[Doubt]:
    """A doubt for each name that is half a sentence: `line_item_has_a_description`."""
    if _WISHES & set(words_of(recognition.entity)):
        yield Doubt("clause", f"{recognition.entity} is half a sentence, not a name")
    for attribute in _all_attributes(recognition):
        words = attribute.name.split("_")
        verb = {"has", "have", "are", "they", "tem", "que", "for"} & set(words[1:])
        if len(words) > 5 or (verb and len(words) > 2):
            yield Doubt("clause", f"{attribute.name} is half a sentence, not a name")
