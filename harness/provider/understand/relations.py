"""Relations in words: to one, to many, and nested rows."""

import re

from harness.provider.names import camel, plain, plural, singular, snake
from harness.provider.understand.attributes import Json, parse_list
from harness.provider.understand.lexicon import ARTICLES, ENTITY_WORDS, RELATE

_ART = rf"(?:(?:{ARTICLES})\s+)*"
_NOUN = r"([\w-]+(?:\s+[\w-]+)?)"
_ONE = r"([\w-]+)"
_BELONGS = re.compile(
    rf"{_ART}{_ONE}\s+(?:must\s+|should\s+|deve\s+)?(?:belongs?\s+to|is\s+(?:taught|owned|written|led|managed|made|placed|given|created"
    rf"|published|borrowed|run|assigned)\s+(?:by|to)|pertencem?\s+a|e\s+d[aoe]|e\s+ministrad[oa]\s+por"
    rf"|e\s+escrit[oa]\s+por|e\s+feit[oa]\s+por|refers?\s+to|references?|depends?\s+on)\s*o?\s+{_ART}{_ONE}",
    re.I,
)
_GIVE = re.compile(
    rf"^(?:give|assign|de|dar|atribua|atribuir|set)\s+(?:a\s+|ao\s+|para\s+)?{_ART}{_ONE}\s+"
    rf"((?:{ARTICLES})\s+)(?!.*,){_ONE}$",
    re.I,
)
_GIVE_TO = re.compile(
    rf"^(?:{RELATE}|give|set|add|put|de|defina|coloque)\s+((?:an?|one|its|the|um|uma|o|a)\s+)?{_ONE}\s+"
    rf"(?:to|for|of|on|with|a|ao|para|em|no|na|com)\s+(?:(each|every|a|an|the|one|cada|um|uma|todo|toda|o|its|their)\s+)*{_ONE}$",
    re.I,
)
_HAS_ONE = re.compile(
    rf"^(?:each|every|an?|cada|todo|toda|uma?)\s+{_ONE}\s+(?:has|should have|needs|gets|must have|have|tem|deve ter|recebe|possui)"
    rf"\s+(?:exactly\s+|only\s+|apenas\s+|so\s+)?(?:one|an?|its|uma?|seu|sua)\s+(?:own\s+)?{_ONE}$",
    re.I,
)
_MANY = re.compile(
    rf"^(?:{RELATE})\s+{_ART}{_NOUN}\s+(?:to|with|and|in|into|for|a|aos|as|ao|com|e|em|nos|nas|no|na)\s+{_ART}{_NOUN}$",
    re.I,
)
_BETWEEN = re.compile(
    rf"\b(?:relation(?:ship)?|link|association|many[- ]to[- ]many|relacao|relacionamento|associacao)\b.*?"
    rf"\b(?:between|entre|from|de)\s+{_ART}{_ONE}\s+(?:and|to|e|a|para)\s+{_ART}{_ONE}\b",
    re.I,
)
_CAN_HAVE_MANY = re.compile(
    rf"^(?:an?\s+|each\s+|every\s+|many\s+|the\s+|cada\s+|uma?\s+|os\s+|as\s+)?{_ONE}\s+(?:can|may|should|could|will|podem?|deve|devem)?\s*"
    rf"(?:have|has|take|takes|attend|be enrolled in|enrol+ in|join|belong to|be in|be part of|use|speak|ter|tem|cursar|fazer|participar de|estar em)\s+"
    rf"(?:many|several|multiple|any number of|varios|varias|muitos|muitas|diversos|diversas)\s+{_ONE}",
    re.I,
)
_NESTED = re.compile(
    rf"(?:^|,\s*|\s+(?:and|with|e|com)\s+)(?:{_ART})([\w-]+(?:\s[\w-]+)?)\s*,?\s*(?:and\s+|e\s+)?"
    rf"(?:each(?:\s+one)?|every\s+one|cada(?:\s+um|\s+uma)?)\s+(?:of\s+(?:them|which)\s+)?(?:with|having|has|containing|com|tendo|contendo|tem)\s+(.+)$",
    re.I | re.S,
)  # fmt: skip
_NESTED_LIST = re.compile(
    r"(?:^|,\s*|\s+(?:and|with|e|com)\s+)(?:many|several|a list of|one or more|multiple|nested|varios|varias|uma lista de)\s+"
    r"([\w-]+(?:\s[\w-]+)?)\s*(?:\(([^()]+)\)|with\s+(.+)$|com\s+(.+)$)", re.I | re.S,
)  # fmt: skip


def entity_name(words: str, portuguese: bool) -> str:
    """`the students` -> `Student`; `cadastro de estudantes` -> `Estudante`."""
    text = re.sub(rf"^(?:(?:{ARTICLES})\s+)+", "", plain(words).strip(" .,:\"'`"), flags=re.I)
    text = re.sub(
        rf"^(?:{ENTITY_WORDS})\s+(?:of|for|de|do|da|named|called|chamad[oa])?\s*",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(rf"\s+(?:{ENTITY_WORDS})$", "", text, flags=re.I)
    text = re.sub(r"^(?:named|called|chamad[oa])\s+", "", text, flags=re.I)
    return camel(singular(snake(text), portuguese))


def to_one(target: str, required: bool) -> Json:
    """A many_to_one relation."""
    return {"name": snake(target), "kind": "many_to_one", "target": target,
            "required": required, "attributes": []}  # fmt: skip


def to_many(target: str) -> Json:
    """A many_to_many relation, named after the target's plural."""
    return {"name": plural(snake(target)), "kind": "many_to_many", "target": target,
            "required": False, "attributes": []}  # fmt: skip


def is_many(word: str, portuguese: bool) -> bool:
    """Whether a noun stands in the plural."""
    name = snake(word)
    return singular(name, portuguese) != name


def belongs(text: str, portuguese: bool) -> tuple[str, Json] | None:
    """`each loan belongs to a member` -> Loan, to one Member; required when must or each says so."""
    found = _BELONGS.search(plain(text))
    if not found:
        return None
    first, target = (entity_name(found.group(n), portuguese) for n in (1, 2))
    required = re.search(r"\b(must|deve|required|always|sempre)\b", found.group(0), re.I)
    return first, to_one(target, bool(required))


def relation(text: str, portuguese: bool) -> tuple[str, Json] | None:
    """The focal entity and its relation, None where the sentence states none."""
    flat = plain(text).strip(" .")

    def named(words: str) -> str:
        return entity_name(words, portuguese)

    found = _GIVE.match(flat)
    if found:
        target = found.group(3)
        many = is_many(target, portuguese)
        return named(found.group(1)), to_many(named(target)) if many else to_one(
            named(target), False
        )
    found = _GIVE_TO.match(flat)
    if found and found.group(3) and not is_many(found.group(2), portuguese):
        single = bool(found.group(1)) or flat.lower().startswith(
            ("relat", "assign", "link", "conn", "assoc", "atrib", "vinc", "lig")
        )
        if single and not is_many(found.group(4), portuguese):
            return _directed(flat, named(found.group(2)), named(found.group(4)))
    found = _HAS_ONE.match(flat)
    if found:
        return named(found.group(1)), to_one(named(found.group(2)), " must " in flat)
    found = _CAN_HAVE_MANY.match(flat) or _MANY.match(flat) or _BETWEEN.search(flat)
    if found:
        return named(found.group(1)), to_many(named(found.group(2)))
    return belongs(text, portuguese)


def _directed(flat: str, first: str, second: str) -> tuple[str, Json]:
    """`assign a teacher to a course` makes the course point at the teacher; `relate a loan to a
    member` makes the loan point at the member."""
    handed = re.match(r"(?:assign|give|set|add|put|attach|atribu|defina|coloque|de\b)", flat, re.I)
    return (second, to_one(first, False)) if handed else (first, to_one(second, False))


def nested(text: str) -> tuple[str, Json | None, list[str]]:
    """The text without nested rows, the one_to_many relation, and rules among its attributes."""
    found = _NESTED_LIST.search(text)
    inner = next((group for group in found.groups()[1:] if group), "") if found else ""
    if not found:
        found = _NESTED.search(text)
        inner = found.group(2) if found else ""
    if not found:
        return text, None, []
    name = snake(found.group(1))
    listed = parse_list(inner)
    made: Json = {"name": name, "kind": "one_to_many", "target": camel(singular(name)),
                  "required": False, "attributes": listed.attributes}  # fmt: skip
    rest = text[: found.start()] + text[found.end() :]
    return rest, made, listed.rules
