"""Requests as people write them, in the plainer words that the other patterns read.

What has none of these phrases is returned as it is, byte for byte.
"""

import re
from collections.abc import Callable

from flagbench.simulator.crud.recognition.lexicon import is_portuguese
from flagbench.simulator.names import singular, snake, to_ascii

Edit = Callable[[re.Match[str]], str]
_SYSTEM = r"(?:app|application|system|tool|website|program|aplicativo|sistema|programa|site)"
_HAS = r"(?:has|have|needs?|tem|t\u00eam|possui)"
_ONE = r"(?:an?|each|every|the|uma?|cada)"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def in_plain_words(request: str) -> str:
    """The request with chatter left out, and constraints and rows in the usual words."""
    text = request
    for pattern, edit in _EDITS:
        text = pattern.sub(edit, text)
    return text.strip() if text != request else request


def _with_rows(match: re.Match[str]) -> str:
    """`line items. Each line item has X` -> `line items, each with X`."""
    portuguese = is_portuguese(to_ascii(match.string).lower())
    rows = snake(match["rows"]).rpartition("_")[2], snake(match["row"]).rpartition("_")[2]
    if singular(rows[0], portuguese) != rows[1]:
        return match[0]
    each = "cada um com" if portuguese else "each with"
    return f"{match['rows']}, {each} {match['list']}"


def _created(match: re.Match[str]) -> str:
    """`Recipes have a title and many steps, each with X` -> `Create recipes with ...`."""
    if is_portuguese(to_ascii(match.string).lower()):
        return f"Crie {match['owner']} com {match['list']}"
    return f"Create {match['owner']} with {match['list']}"


def _named_system(match: re.Match[str]) -> str:
    """`Build a booking system for a salon. A booking has X` -> `Create a booking with X`."""
    named, row = snake(match["named"]), snake(match["one"])
    portuguese = is_portuguese(to_ascii(match.string).lower())
    if row not in (named, singular(named, portuguese)):
        return match[0]
    return f"Crie {match['one']} com " if portuguese else f"Create {match['one']} with "


_GREETING = r"(?:hi|hello|hey|ol\u00e1|oi|bom dia)"
_THANKS = r"(?:thanks|thank you|thx|cheers|obrigad[oa]|valeu)"
_NO_DUPLICATES = (
    r"(?:no (?:duplicates?|repeats?)|without duplicates|sem repetir|sem repeti\u00e7\u00e3o"
    r"|sem duplicad[oa]s)"
)
_IF_ANY = r"(?:if (?:they have|there is|we have) (?:one|it|any)|se (?:tiver|houver um|houver uma))"
_THEY_ARE = r"(?:they|it|he|she)(?:['\u2019]re|['\u2019]s| is| are| was| were)"
_IS = r"se (?:ainda |j\u00e1 )?(?:est\u00e1|\u00e9|foi)"
_ENGLISH_WISH = (
    r"^(?:(?:please|can you|could you|i|we)\s+)*(?:need|want|would like|build|make|create)\s+"
    r"(?:me\s+)?(?:an?\s+)?(?:(?:simple|small|little|new)\s+)?"
)
_PORTUGUESE_WISH = (
    r"^(?:(?:eu|n\u00f3s)\s+)?(?:crie|fa\u00e7a|preciso(?: de)?|precisamos(?: de)?|quero|queremos"
    r"|queria)\s+(?:uma?\s+)?"
)
_ONE_HAS = rf"[^.!;]*[.!;]\s+{_ONE}\s+(?P<one>\w+)\s+{_HAS}\s*:?\s+"
_TRACKING = (
    r"(?:track(?:s|ing)?|keep(?:s|ing)? track of|manag(?:e|es|ing)|stor(?:e|es|ing)"
    r"|record(?:s|ing)?)"
)
_TRACKING_PT = r"(?:controlar|gerenciar|cadastrar|registrar|guardar|controle|guarde)"
_MANY = r"(?:(?:many|several|v\u00e1ri[oa]s|muit[oa]s)\s+)?"

_EDITS: tuple[tuple[re.Pattern[str], str | Edit], ...] = (
    # Greetings, thanks and slips of the pen
    (_pattern(rf"^{_GREETING}(?: there| all| team| guys| gente| pessoal)?[!,.]+\s+"), ""),
    (_pattern(rf"[\s,.!]*\b{_THANKS}\b(?: (?:a lot|so much|in advance))?[!.\s:)]*$"), "."),
    (
        _pattern(
            r"^(?:we|i) (?:run|own|have|work (?:in|at|for)) [^.!]*[.!]\s+"
            r"(?=[\w-]+s (?:have|need)\b)"
        ),
        "",
    ),
    (_pattern(r"\bcreat\b"), "create"),
    (_pattern(r"\b(?:wiht|wtih)\b"), "with"),
    (_pattern(r"\badress\b"), "address"),
    (_pattern(r"\bquantitiy\b"), "quantity"),
    (_pattern(r"\b(?:pls|plz)\b"), "please"),
    # Constraints and types
    (
        _pattern(rf"\s*[(,]?\s*\b{_NO_DUPLICATES}\b(?:,? (?:please|allowed|por favor))?!*\s*\)?"),
        " (unique)",
    ),
    (_pattern(r"(?<=\w) (?:\u00fanic[oa])\b"), " (unique)"),
    (_pattern(rf"\s*[(,]?\s*\b{_IF_ANY}\b\)?"), " (optional)"),
    (
        _pattern(
            rf"\b(?:whether|if) (?:or not )?{_THEY_ARE} (?:still |already )?(\w+)(?: or not)?"
        ),
        r"\1 (boolean)",
    ),
    (_pattern(r"\b(?:still|already) (\w+) or not\b"), r"\1 (boolean)"),
    (_pattern(rf"\b{_IS} (\w+)(?: ou n\u00e3o)?"), r"\1 (boolean)"),
    (
        _pattern(r"\bthe (?:date|day) (?:they|he|she|it)(?: was| were)? (\w+)"),
        r"a date \1 (date)",
    ),
    # What the application is called
    (_pattern(rf"{_ENGLISH_WISH}(?P<named>\w+)\s+{_SYSTEM}\b{_ONE_HAS}"), _named_system),
    (_pattern(rf"{_PORTUGUESE_WISH}{_SYSTEM}\s+d[eao]\s+(?P<named>\w+){_ONE_HAS}"), _named_system),
    (
        _pattern(
            rf"{_ENGLISH_WISH}{_SYSTEM}\s+(?:to|for|that|which)\s+{_TRACKING}\s+"
            r"(?:(?:my|our|the|all)\s+)*"
        ),
        "Create ",
    ),
    (
        _pattern(
            rf"{_PORTUGUESE_WISH}{_SYSTEM}\s+(?:para|pra|que)\s+{_TRACKING_PT}\s+"
            r"(?:(?:os?|as?|meus|minhas|nossos|nossas)\s+)*"
        ),
        "Crie ",
    ),
    # Rows of an entity's own, in a sentence of their own
    (
        _pattern(
            rf"\b{_MANY}(?P<rows>(?:line )?\w+)\s*[.;,]\s*(?:and |e )?{_ONE}\s+"
            rf"(?P<row>(?:line )?\w+)\s+{_HAS}\s+(?P<list>.+)$"
        ),
        _with_rows,
    ),
    (
        _pattern(
            r"^(?P<owner>[\w-]+s)\s+(?:have|t\u00eam|tem)\s+"
            r"(?P<list>.+, (?:each|cada um) (?:with|com).+)$"
        ),
        _created,
    ),
)
