"""Relations in words: many to one, many to many, and nested rows."""

import re
from collections.abc import Callable

from flagbench.simulator.crud.recognition.attributes import Json, parse_list
from flagbench.simulator.crud.recognition.lexicon import (
    ARTICLES,
    ENTITY_WORDS,
    RELATE,
    is_attribute_word,
)
from flagbench.simulator.names import camel, plural, singular, snake, to_ascii

Statement = tuple[str, Json]
"""The entity that holds a relation, and the relation."""

_ART = rf"(?:(?:{ARTICLES})\s+)*"
_X, _Y = r"(?P<x>[\w-]+)", r"(?P<y>[\w-]+)"
_WIDE_X, _WIDE_Y = r"(?P<x>[\w-]+(?:\s[\w-]+)?)", r"(?P<y>[\w-]+(?:\s[\w-]+)?)"
_TO = r"(?:to|with|and|in|into|for|of|on|from|a|aos|as|ao|com|e|em|nos|nas|no|na|para|do|da)"
_EACH = r"(?:each|every|an?|the|one|cada|uma?|todo|toda|os?|as?|all)"
_ITS = r"(?:an?|one|its|their|a single|the|uma?|seu|sua|um unico|o|a)"
_OWNERSHIP = r"(?:taught|owned|written|led|managed|made|placed|given|created|published|borrowed)"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_BELONGS = _pattern(
    rf"{_ART}{_X}\s+(?:must\s|should\s|deve\s)?\s*"
    rf"(?:belongs?\sto|(?:is|are)\s{_OWNERSHIP}\s(?:by|to)|refers?\sto|depends?\son|pertencem?\sa"
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
    text = to_ascii(words).strip(" .,:\"'`")
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


def belonging(text: str, portuguese: bool) -> Statement | None:
    """`each loan belongs to a member` -> Loan, to one Member; required where the text says must."""
    match = _BELONGS.search(to_ascii(text))
    if not match:
        return None
    first, target = (entity_name(match.group(name), portuguese) for name in ("x", "y"))
    must = re.search(r"\b(must|deve|required|always|sempre)\b", match.group(0), re.IGNORECASE)
    return first, to_one(target, bool(must))


def read_relation(text: str, portuguese: bool) -> Statement | None:
    """The relation that a sentence states, None where it states none."""
    flat = _WISH.sub("", _AFTERTHOUGHT.sub("", to_ascii(text).strip(" .")))
    for pattern, make in _READINGS:
        match = pattern.search(flat)
        if not match:
            continue
        x, y = (snake(match.group(name)) for name in ("x", "y"))
        if is_attribute_word(x) or is_attribute_word(y):
            continue
        first, second = (entity_name(word, portuguese) for word in (x, y))
        return make(first, second, singular(x, portuguese) != x, singular(y, portuguese) != y)
    return belonging(text, portuguese)


def _refer_to(first: str, second: str, _: bool, second_is_many: bool) -> Statement:
    return first, to_many(second) if second_is_many else to_one(second)


def _hand_to(first: str, second: str, first_is_many: bool, second_is_many: bool) -> Statement:
    """`Assign a teacher to a course`: the course gets the reference to the teacher."""
    if first_is_many or second_is_many:
        return first, to_many(second)
    return second, to_one(first)


def _join(first: str, second: str, _: bool, __: bool) -> Statement:
    return first, to_many(second)


_READINGS: tuple[tuple[re.Pattern[str], Callable[[str, str, bool, bool], Statement]], ...] = (
    (_GIVE, _refer_to),
    (_EACH_TO_ONE, _refer_to),
    (_HAND_TO, _hand_to),
    (_HAS_MANY, _join),
    (_HAS_ONE, _refer_to),
    (_MANY, _join),
    (_DO_MANY, _join),
    (_BETWEEN, _join),
)


def split_nested_rows(text: str, portuguese: bool) -> tuple[str, Json | None, list[str]]:
    """The text without nested rows, their one_to_many relation, and the rules in it."""
    match = _NESTED_LIST.search(text) or _NESTED.search(text)
    if not match:
        return text, None, []
    groups = match.groupdict()
    parsed = parse_list(groups["list"] or groups.get("more") or "")
    name = snake(match.group("x"))
    relation = _relation(name, "one_to_many", camel(singular(name, portuguese)), False)
    relation["attributes"] = parsed.attributes
    return text[: match.start()] + text[match.end() :], relation, parsed.rules
