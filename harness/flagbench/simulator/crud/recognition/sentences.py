"""Division of a request into sentences, and of a sentence into head and rules."""

import re

from flagbench.simulator.crud.recognition.lexicon import CLAUSE_VERBS
from flagbench.simulator.crud.recognition.patterns import HAVE_ATTRIBUTE, NO_TWO, RULE
from flagbench.simulator.names import to_ascii

_END = re.compile(r"(?<=[a-z0-9)\]\"'%])[.!?](?:\s+|$)|;\s*\n|\n\s*\n", re.IGNORECASE)
_POLITE = re.compile(
    r"^(?:please|kindly|hi|hello|ok|now|then|next|also|and|first|finally|so|ola|oi|por favor"
    r"|agora|depois|tambem|entao|can you|could you|i would like you to|i'd like you to"
    r"|voce pode|poderia)[,:]?\s+",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"[,;]?\s+\b(?:where|whereby|such that|provided that|so that|on condition that|given that|onde"
    r"|desde que|sendo que|de forma que|de modo que|em que)\b[,:]?\s+",
    re.IGNORECASE,
)
_DETERMINER = (
    r"(?:(?:the|each|every|all|any|no two|a|an|its|their|o|a|os|as|cada|todo|toda"
    r"|nenhum|seu|sua)\s+)?"
)
_SUBJECT = (
    rf"{_DETERMINER}[\w'\u2019-]+"
    rf"(?:\s+(?:of|de|do|da)\s+{_DETERMINER}\w+|\s+[\w'\u2019-]+){{0,3}}?"
)  # fmt: skip
_JOINT = r"(?:^|[,;]\s*(?:(?:and|e|but|mas)\s+)?|\s+(?:and|e|but|mas)\s+)"
_CLAUSE = re.compile(rf"{_JOINT}({_SUBJECT}\s+(?:{CLAUSE_VERBS})\b)", re.IGNORECASE)


def without_accents(text: str) -> str:
    """The text without accents where every position stays the same, else the text itself."""
    flat = to_ascii(text)
    return flat if len(flat) == len(text) else text


def sentences(text: str) -> list[str]:
    """Sentences without polite openings; bullets belong to the sentence before them."""
    parts = []
    for sentence in _END.split(text.strip()):
        whole = sentence.strip()
        while _POLITE.match(without_accents(whole)):
            whole = whole[_polite_end(whole) :]
        if whole:
            parts.append(re.sub(r",? (?:please|por favor)$", "", whole.rstrip(" .!")))
    return parts


def _polite_end(text: str) -> int:
    match = _POLITE.match(without_accents(text))
    return match.end() if match else 0


def has_rule(text: str) -> bool:
    """True when the text states a rule."""
    return RULE.search(to_ascii(text)) is not None


def split_rules(sentence: str) -> tuple[str, list[str]]:
    """The sentence without its rules, and the rules.

    `Create Course with name, where level must be one of a, b` -> `Create Course with name` and
    one rule. A rule reaches to the next clause with a verb like must.
    """
    flat = without_accents(sentence)
    if NO_TWO.match(flat):
        return "", [sentence]
    if HAVE_ATTRIBUTE.match(flat):
        return sentence, []
    where = _WHERE.search(flat)
    if where and has_rule(flat[where.end() :]):
        return sentence[: where.start()].strip(" ,;"), _rules(sentence[where.end() :])
    hidden = re.sub(r"\([^()]*\)", lambda match: "~" * len(match.group(0)), flat)
    clause = _CLAUSE.search(hidden)
    if clause is None:
        return sentence, []
    return sentence[: clause.start()].strip(" ,;"), _rules(sentence[clause.start(1) :])


def _rules(text: str) -> list[str]:
    starts = [match.start(1) for match in _CLAUSE.finditer(without_accents(text))]
    if not starts or starts[0] != 0:
        starts = [0, *starts]
    rules = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        rule = re.sub(r"[\s,;]+(?:and|e|but|mas)?\s*$", "", text[start:end]).strip(" .;,")
        rule = re.sub(r"^(?:that|que)\s+", "", rule)
        if rule:
            rules.append(" ".join(rule.split()))
    return rules
