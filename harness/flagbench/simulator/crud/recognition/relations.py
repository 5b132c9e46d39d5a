"""Relations in words: to one, to many, and nested rows."""

import re
from collections.abc import Callable

from flagbench.simulator.crud.recognition.attributes import Json, parse_list
from flagbench.simulator.crud.recognition.lexicon import (
    ARTICLES,
    ENTITY_WORDS,
    RELATE,
    is_attribute_word,
)
from flagbench.simulator.names import camel, plain, plural, singular, snake

Found = tuple[str, Json]
"""The focal entity and its relation."""

_ART = rf"(?:(?:{ARTICLES})\s+)*"
_X, _Y = r"(?P<x>[\w-]+)", r"(?P<y>[\w-]+)"
_WIDE_X, _WIDE_Y = r"(?P<x>[\w-]+(?:\s[\w-]+)?)", r"(?P<y>[\w-]+(?:\s[\w-]+)?)"
_TO = r"(?:to|with|and|in|into|for|of|on|from|a|aos|as|ao|com|e|em|nos|nas|no|na|para|do|da)"
_EACH = r"(?:each|every|an?|the|one|cada|uma?|todo|toda|os?|as?|all)"
_ITS = r"(?:an?|one|its|their|a single|the|uma?|seu|sua|um unico|o|a)"
_OF_ONES_OWN = r"(?:taught|owned|written|led|managed|made|placed|given|created|published|borrowed)"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_BELONGS = _pattern(
    rf"{_ART}{_X}\s+(?:must\s|should\s|deve\s)?\s*"
    rf"(?:belongs?\sto|(?:is|are)\s{_OF_ONES_OWN}\s(?:by|to)|refers?\sto|depends?\son|pertencem?\sa"
    rf"|e\s(?:ministrad|escrit|feit|dirigid)[oa]\spor|depende\sde)o?\s+{_ART}{_Y}"
)
_GIVE = _pattern(
    rf"^(?:give|assign|de|dar|atribua|atribuir)\s+(?:(?:a|ao|para)\s+)?{_ART}{_X}\s+"
    rf"{_ITS}\s+{_Y}$"
)
_HAND_TO = _pattern(
    rf"^(?:{RELATE}|give|set|add|put|de|defina|coloque)\s+{_ITS}\s+{_X}\s+"
    rf"{_TO}\s+(?:{_EACH}\s+)+{_Y}$"
)
_EACH_TO_ONE = _pattern(
    rf"^(?:{RELATE})\s+(?:each|every|cada|todo|toda)\s+{_X}\s+{_TO}\s+{_ITS}\s+{_Y}$"
)
_HAS_ONE = _pattern(
    rf"^(?:(?:{_EACH})\s+)?{_X}\s+(?:should\s|must\s|to\s|deve\s|devem\s|can\s|pode\s)?\s*"
    r"(?:has|have|needs?|gets?|tem|ter|recebem?|possui|possuir)\s+"
    rf"(?:(?:exactly|only|apenas|so)\s+)?{_ITS}\s+(?:own\s+)?{_Y}$"
)
_HAS_MANY = _pattern(
    rf"^(?:(?:{_EACH}|many|muitos|muitas)\s+)?{_X}\s+"
    r"(?:(?:can|may|should|could|will|to|podem?|deve|devem)\s+)?"
    r"(?:have|has|takes?|attends?|be enrol+ed in|enrol+s? in|joins?|belong to|be in|be part of|use"
    r"|speaks?|ter|tem|cursar|fazer|participar de|estar em)\s+"
    r"(?:many|several|multiple|any number of|varios|varias|muitos|muitas|diversos|diversas)\s+"
    rf"{_Y}"
)
_DO_MANY = _pattern(
    rf"^{_ART}{_X}\s+(?:(?:can|may|should|podem|devem)\s+)?(?:take|attend|join"
    rf"|enrol+ in|sign up for"
    rf"|cursam|cursar|fazem|fazer|frequentam|frequentar)\s+{_ART}{_Y}$"
)
_MANY = _pattern(rf"^(?:{RELATE})\s+{_ART}{_WIDE_X}\s+{_TO}\s+{_ART}{_WIDE_Y}$")
_BETWEEN = _pattern(
    r"\b(?:relation(?:ship)?|link|association|many[- ]to[- ]many|relacao|relacionamento|associacao)"
    rf"\b.*?\b(?:between|entre|from|de)\s+{_ART}{_X}\s+(?:and|to|e|a|para)\s+{_ART}{_Y}\b"
)
_WISH = _pattern(
    r"^(?:i|we|eu|nos)?\s*(?:want|need|would like|quero|queremos|preciso|precisamos)\s+(?:que\s+)?"
)
_AFTERTHOUGHT = _pattern(r"\s*(?:\([^()]*\)|[,;]?\s+(?:so that|because|para que|many[- ]to).*)$")
_NESTED = _pattern(
    rf"(?:^|,\s*|\s+(?:and|with|e|com)\s+){_ART}(?P<x>[\w-]+(?:\s[\w-]+)?)\s*,?\s*(?:(?:and|e)\s+)?"
    r"(?:each(?:\sone)?|every\sone|cada(?:\sum|\suma)?)\s+(?:of\s(?:them|which)\s+)?"
    r"(?:with|having|has|containing|com|tendo|contendo|tem)\s+(?P<list>.+)$"
)
_NESTED_LIST = _pattern(
    r"(?:^|,\s*|\s+(?:and|with|e|com)\s+)"
    r"(?:many|several|a list of|one or more|multiple|nested|varios|varias|uma lista de)\s+"
    r"(?P<x>[\w-]+(?:\s[\w-]+)?)\s*(?:\((?P<list>[^()]+)\)|(?:with|com)\s+(?P<more>.+)$)"
)


def entity_name(words: str, portuguese: bool) -> str:
    """`the students` -> `Student`; `cadastro de estudantes` -> `Estudante`."""
    text = plain(words).strip(" .,:\"'`")
    for pattern in (
        rf"^(?:(?:{ARTICLES})\s+)+",
        rf"^(?:{ENTITY_WORDS})\s+(?:of\s|for\s|de\s|do\s|da\s|named\s|called\s|chamad[oa]\s)?\s*",
        rf"\s+(?:{ENTITY_WORDS})$",
        r"^(?:named|called|chamad[oa])\s+",
    ):
        text = re.sub(pattern, "", text, flags=re.IGNORECASE)
    return camel(singular(snake(text), portuguese))


def to_one(target: str, required: bool = False) -> Json:
    """A many_to_one relation."""
    return _relation(snake(target), "many_to_one", target, required)


def to_many(target: str) -> Json:
    """A many_to_many relation, named after the target's plural."""
    return _relation(plural(snake(target)), "many_to_many", target, False)


def _relation(name: str, kind: str, target: str, required: bool) -> Json:
    empty: list[Json] = []
    return {"name": name, "kind": kind, "target": target, "required": required,
            "attributes": empty}  # fmt: skip


def belongs(text: str, portuguese: bool) -> Found | None:
    """`each loan belongs to a member` -> Loan, to one Member; required when it says must."""
    found = _BELONGS.search(plain(text))
    if not found:
        return None
    first, target = (entity_name(found.group(name), portuguese) for name in ("x", "y"))
    must = re.search(r"\b(must|deve|required|always|sempre)\b", found.group(0), re.IGNORECASE)
    return first, to_one(target, bool(must))


def relation(text: str, portuguese: bool) -> Found | None:
    """The focal entity and its relation, None where the sentence states none."""
    flat = _WISH.sub("", _AFTERTHOUGHT.sub("", plain(text).strip(" .")))
    for pattern, make in _READINGS:
        found = pattern.search(flat)
        if not found:
            continue
        x, y = (snake(found.group(name)) for name in ("x", "y"))
        if is_attribute_word(x) or is_attribute_word(y):
            continue
        first, second = (entity_name(word, portuguese) for word in (x, y))
        return make(first, second, singular(x, portuguese) != x, singular(y, portuguese) != y)
    return belongs(text, portuguese)


def _points(first: str, second: str, _: bool, second_is_many: bool) -> Found:
    return first, to_many(second) if second_is_many else to_one(second)


def _handed(first: str, second: str, first_is_many: bool, second_is_many: bool) -> Found:
    """`Assign a teacher to a course` makes the course point at the teacher."""
    if first_is_many or second_is_many:
        return first, to_many(second)
    return second, to_one(first)


def _joined(first: str, second: str, _: bool, __: bool) -> Found:
    return first, to_many(second)


_READINGS: tuple[tuple[re.Pattern[str], Callable[[str, str, bool, bool], Found]], ...] = (
    (_GIVE, _points),
    (_EACH_TO_ONE, _points),
    (_HAND_TO, _handed),
    (_HAS_MANY, _joined),
    (_HAS_ONE, _points),
    (_MANY, _joined),
    (_DO_MANY, _joined),
    (_BETWEEN, _joined),
)


def nested(text: str, portuguese: bool) -> tuple[str, Json | None, list[str]]:
    """The text without nested rows, the one_to_many relation, and rules among its attributes."""
    found = _NESTED_LIST.search(text) or _NESTED.search(text)
    if not found:
        return text, None, []
    groups = found.groupdict()
    listed = parse_list(groups["list"] or groups.get("more") or "")
    name = snake(found.group("x"))
    made = _relation(name, "one_to_many", camel(singular(name, portuguese)), False)
    made["attributes"] = listed.attributes
    return text[: found.start()] + text[found.end() :], made, listed.rules
