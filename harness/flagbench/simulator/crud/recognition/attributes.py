"""Lists of attributes in words -> attributes with types, and the rules among them."""

import re
from dataclasses import dataclass, field

from flagbench.simulator.crud.recognition.lexicon import (
    ARTICLES,
    MODAL,
    OPTIONAL,
    REQUIRED,
    TYPE_WORDS,
    UNIQUE,
    guess_type,
)
from flagbench.simulator.names import snake, to_ascii

Json = dict[str, object]
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+")
_SPLIT = re.compile(
    r"\s*(?:,|;|\n)\s*(?:and |as well as |e |plus |mais )?|\s+(?:and|as well as|e|plus|mais)\s+"
)
_HINT = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_LEADING = re.compile(
    rf"^(?:(?:{ARTICLES}|also|optionally|optional|required|mandatory|unique|tambem|opcionalmente"
    r"|with|com|e|and|has|have|its|a list of|uma lista de|fields?|attributes?|campos?|atributos?"
    r")\s+)+",
    re.I,
)
_OF_TYPE = re.compile(
    r"\s+(?:as|of type|is|are|do tipo|de tipo|being|como|tipo)\s+(?:an?\s+|uma?\s+)?(.+)$", re.I
)
_TRAILING = re.compile(
    r"\s+(?:\(?(?:which |that |que )?(?:is|are|e|sao)? ?(?:optional|required|mandatory|unique"
    r"|opcional|obrigatori[oa]|unic[oa]|if known|if any|se houver)\)?)$",
    re.I,
)
_BOUND = re.compile(
    r"^(.*?\w)\s+(?:of\s+|de\s+)?((?:between|at least|at most|no more than|up to"
    r"|more than|less than"
    r"|greater than|entre|pelo menos|no máximo|no mínimo|no maximo|maior que|menor que)\s.*\d.*)$",
    re.I,
)
_VERB = re.compile(r"must|can|may|should|shall|has|have|deve|nao|tem|so ")
_RULE = re.compile(rf"\b(?:{MODAL})\b", re.I)
_KEYWORDS = frozenset(
    {
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
        "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
        "with", "yield", "id",
    }
)  # fmt: skip


@dataclass(slots=True)
class AttributeList:
    """Attributes and rules of a list in words."""

    attributes: list[Json] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


def parse_list(text: str) -> AttributeList:
    """Read `name, email and an optional phone (text)`; text in brackets may be a rule."""
    parsed, seen = AttributeList(), set[str]()
    for item in split_list(text):
        attribute = _attribute(item, parsed.rules)
        if attribute and attribute["name"] not in seen:
            seen.add(str(attribute["name"]))
            parsed.attributes.append(attribute)
    return parsed


def split_list(text: str) -> list[str]:
    """Items of a list in words; commas inside brackets do not split."""
    hints: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hints.append(match.group(0))
        return f" \0{len(hints) - 1}\0"

    hidden = _HINT.sub(hide, "\n".join(_BULLET.sub("", line) for line in text.split("\n")))
    hidden = re.sub(r"\b(between) (-?[\d.]+) and\b", r"\1 \2 to", hidden, flags=re.I)
    hidden = re.sub(r"\b(entre) (-?[\d.,]+) e\b", r"\1 \2 a", hidden, flags=re.I)
    hidden = re.sub(r"\b(date) and (time)\b|\b(data) e (hora)\b", r"\1\3 \2\4", hidden, flags=re.I)
    items = []
    for item in _SPLIT.split(hidden):
        whole = re.sub(r" ?\0(\d+)\0", lambda m: " " + hints[int(m.group(1))], item).strip(" .:")
        if whole:
            items.append(whole)
    return items


def _attribute(item: str, rules: list[str]) -> Json | None:
    hints = [a or b for a, b in _HINT.findall(item)]
    words = _HINT.sub("", item).strip()
    low = to_ascii(item).lower()
    required = not OPTIONAL.search(low) or bool(re.search(r"\bnot optional\b", low))
    unique = bool(UNIQUE.search(low))
    kind = ""
    name, colon, after = words.partition(":")
    if colon:
        words, hints = name, [*hints, after]
    typed = _OF_TYPE.search(words)
    if typed and _type_in(typed.group(1)):
        kind, words = _type_in(typed.group(1)), words[: typed.start()]
    words = _TRAILING.sub("", _LEADING.sub("", words + " ").strip()).strip()
    bounded = _BOUND.match(words)
    if bounded:
        words = bounded.group(1)
        bound = re.sub(r"^(between \S+) to ", r"\1 and ", bounded.group(2))
        bound = re.sub(r"^(entre \S+) a ", r"\1 e ", bound)
        rules.append(f"{words} must be {bound}")
    choices: list[str] = []
    for hint in hints:
        kind = kind or _type_in(hint)
        choices = choices or _choices(hint)
        constraint = _constraint(hint)
        if constraint:
            rules.append(f"{words} {constraint}")
    identifier = _identifier(words)
    if not identifier or len(identifier) > 60:
        return None
    if unique and not any("unique" in rule for rule in rules if rule.startswith(words)):
        rules.append(f"{words} must be unique")
    if choices and not kind:
        rules.append(f"{words} must be one of {', '.join(choices)}")
        kind = "string"
    return {"name": identifier, "type": kind or guess_type(identifier), "required": required}


def _identifier(words: str) -> str:
    name = snake(words)
    if name in {"e_mail", "mail", "email_address", "e_mail_address"}:
        return "email"
    if name in _KEYWORDS:
        name = f"{name}_value" if name != "class" else "class_name"
    return name if re.match(r"[a-z]", name) else ""


def _type_in(hint: str) -> str:
    for part in [to_ascii(hint).lower().strip(), *re.split(r"[,;/]", to_ascii(hint).lower())]:
        word = REQUIRED.sub("", OPTIONAL.sub("", part)).strip(" .,")
        word = re.sub(rf"^(?:(?:{ARTICLES})\s+)+", "", word)
        if word in TYPE_WORDS:
            return TYPE_WORDS[word]
    return ""


def _constraint(hint: str) -> str:
    """A rule in brackets after a name: `(at most 14 days)`, `(must be unique)`; "" for others."""
    low = to_ascii(hint).lower()
    if not _RULE.search(low) and not re.search(r"\d|\bpositiv", low):
        return ""
    parts = [p.strip() for p in hint.split(",") if not _type_in(p)]
    text = ", ".join(p for p in parts if not OPTIONAL.fullmatch(p) and not REQUIRED.fullmatch(p))
    if not text or _choices(text):
        return ""
    return text if _VERB.match(to_ascii(text).lower()) else f"must be {text}"


def _choices(hint: str) -> list[str]:
    """Options of `(beginner, intermediate or advanced)`; none for a type or a rule."""
    low = to_ascii(hint).lower()
    if OPTIONAL.search(low) or REQUIRED.search(low) or _type_in(hint):
        return []
    if _RULE.search(re.sub(r"\bone of\b", "", low)) or re.search(r"\d", low):
        return []
    text = re.sub(r"^\s*(?:must be )?(?:one of|either|um de|uma de)[: ]+", "", hint, flags=re.I)
    parts = [p.strip() for p in re.split(r",\s*(?:or |ou )?|\s+(?:or|ou)\s+|/|\|", text)]
    return [p for p in parts if p] if len(parts) > 1 else []
