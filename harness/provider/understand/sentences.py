"""A request cut into what is asked for and the rules that go with it."""

import re

from harness.provider.names import plain
from harness.provider.understand.lexicon import MODAL

_END = re.compile(r"(?<=[a-z0-9)\]\"'%])[.!?](?:\s+|$)|;\s*\n|\n\s*\n", re.I)
_POLITE = re.compile(
    r"^(?:please|kindly|hi|hello|ok|now|then|next|also|and|first|finally|so|ola|oi|por favor"
    r"|agora|depois|tambem|entao|can you|could you|i would like you to|i'd like you to"
    r"|voce pode|poderia)[,:]?\s+",
    re.I,
)
_WHERE = re.compile(
    r"[,;]?\s+\b(?:where|whereby|such that|provided that|so that|on condition that|given that|onde"
    r"|desde que|sendo que|de forma que|de modo que|em que)\b[,:]?\s+",
    re.I,
)
_SUBJECT = (
    r"(?:(?:the|each|every|all|any|no two|a|an|its|their|o|a|os|as|cada|todo|toda|nenhum|seu|sua)\s+)?"
    r"[\w-]+(?:\s+(?:of|de|do|da)\s+(?:(?:a|an|the|each|um|uma|o|cada)\s+)?\w+|\s+[\w-]+){0,3}?"
)
_CLAUSE = re.compile(
    rf"(?:^|[,;]\s*(?:and\s+|e\s+|but\s+|mas\s+)?|\s+(?:and|e|but|mas)\s+)({_SUBJECT}\s+(?:{MODAL})\b)",
    re.I,
)


def sentences(text: str) -> list[str]:
    """Sentences without polite beginnings; bullets stay with the sentence before them."""
    found = []
    for sentence in _END.split(text.strip()):
        whole = sentence.strip()
        while _POLITE.match(whole):
            whole = _POLITE.sub("", whole, count=1)
        if whole:
            found.append(whole.rstrip(" .!"))
    return found


def has_rule(text: str) -> bool:
    """Whether a rule is stated."""
    return re.search(rf"\b(?:{MODAL})\b", plain(text), re.I) is not None


def split_rules(sentence: str) -> tuple[str, list[str]]:
    """The sentence without its rules, and the rules.

    `Create Course with name, where level must be one of a, b` -> `Create Course with name` and
    one rule. A rule reaches to the next clause with a verb like must.
    """
    flat = plain(sentence)
    if len(flat) != len(sentence):
        flat = sentence
    where = _WHERE.search(flat)
    if where and has_rule(flat[where.end() :]):
        return sentence[: where.start()].strip(" ,;"), _rules(sentence[where.end() :])
    hidden = re.sub(r"\([^()]*\)", lambda match: "~" * len(match.group(0)), flat)
    clause = _CLAUSE.search(hidden)
    if clause is None:
        return sentence, []
    return sentence[: clause.start()].strip(" ,;"), _rules(sentence[clause.start(1) :])


def _rules(text: str) -> list[str]:
    starts = [
        match.start(1)
        for match in _CLAUSE.finditer(plain(text) if len(plain(text)) == len(text) else text)
    ]
    if not starts or starts[0] != 0:
        starts = [0, *starts]
    ends = [*starts[1:], len(text)]
    rules = []
    for start, end in zip(starts, ends, strict=True):
        rule = re.sub(r"[\s,;]+(?:and|e|but|mas)?\s*$", "", text[start:end]).strip(" .;,")
        rule = re.sub(r"^(?:that|que)\s+", "", rule)
        if rule:
            rules.append(" ".join(rule.split()))
    return rules
