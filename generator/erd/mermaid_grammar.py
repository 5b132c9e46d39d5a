"""The statements of a Mermaid `erDiagram`, as patterns.

After the published grammar, packages/mermaid/src/diagrams/er/parser/erDiagram.jison of Mermaid 11.
A label of several words needs quotes; without them Mermaid makes entities of the words, and these
patterns match none.
"""

import re
from typing import Literal

Many = Literal["zero or one", "one", "zero or more", "one or more"]

CARDINALITIES: dict[str, Many] = {
    "|o": "zero or one", "o|": "zero or one", "one or zero": "zero or one",
    "zero or one": "zero or one", "||": "one", "only one": "one", "one": "one", "1": "one",
    "}o": "zero or more", "o{": "zero or more", "zero or more": "zero or more",
    "zero or many": "zero or more", "many(0)": "zero or more", "many": "zero or more",
    "0+": "zero or more", "}|": "one or more", "|{": "one or more", "one or more": "one or more",
    "one or many": "one or more", "many(1)": "one or more", "1+": "one or more",
}  # fmt: skip
IDENTIFYING = ("--", "to")
_LINES = (*IDENTIFYING, "..", ".-", "-.", "optionally to")


def _either(words: tuple[str, ...]) -> str:
    """A pattern of any of them, the longest first; words end where letters do."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(one) + (r"\b" if one[-1].isalnum() else "") for one in longest)


_NAME = r'(?:"[^"%\r\n\\]+"|(?:[^\x00-\x7F]|[\w*.]|-(?!-))+)'
_STYLED = r"(?:\s*:::\s*[\w,\s-]*?\w)?"
_CARDINALITY = _either(tuple(CARDINALITIES))
RELATIONSHIP = re.compile(
    rf"(?P<left>{_NAME}){_STYLED}[ \t]*(?P<of_left>{_CARDINALITY})[ \t]*"
    rf"(?P<line>{_either(_LINES)})[ \t]*(?P<of_right>{_CARDINALITY})[ \t]*"
    rf"(?P<right>{_NAME}){_STYLED}[ \t]*"
    r'(?P<label>:[ \t]*(?:"[^"]*"|[^\s";]+))?[ \t]*;?[ \t]*(?=\n|\Z)',
    re.IGNORECASE,
)
ENTITY = re.compile(
    rf"(?P<name>{_NAME})[ \t]*(?:\[[ \t]*(?P<alias>{_NAME})[ \t]*\])?{_STYLED}[ \t]*"
    r"(?:(?P<block>\{)|;?(?=\n|\Z))"
)
# Looks, and what readers of pictures hear: nothing that an ERD says.
PASSED_OVER = re.compile(
    r"(?:direction[ \t]+(?:TB|BT|LR|RL)\b|classDef\b|class[ \t]+\S|style[ \t]+\S|accTitle[ \t]*:"
    r"|accDescr[ \t]*:)[^\n]*|accDescr[ \t]*\{[^}]*\}",
    re.IGNORECASE,
)
GROUP = re.compile(r"(?:subgraph[ \t]+[^\n]*|end[ \t]*(?=\n|\Z))", re.IGNORECASE)
TITLE = re.compile(r"title[ \t]+(?P<title>[^\n]*)", re.IGNORECASE)
_WORD = r"(?:[^\s~]*~[^\n~]*~[^\s]*|[*A-Za-z_\u00C0-\uFFFF][\w\-\[\]().,*\u00C0-\uFFFF]*|`[^`]+`)"
ATTRIBUTE = re.compile(
    rf"(?P<type>{_WORD})(?P<optional>\s*\?)?\s+(?!(?:PK|FK|UK)\b)(?P<name>{_WORD})"
    r'(?P<keys>\s+(?:PK|FK|UK)\b(?:\s*,\s*(?:PK|FK|UK)\b)*)?(?:\s*"(?P<comment>[^"]*)")?',
    re.IGNORECASE,
)
