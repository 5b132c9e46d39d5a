"""What a request is about: create, evolve or relate, which entity, and the delta."""

import re

from harness.provider.names import plain, snake
from harness.provider.understand.attributes import Json, parse_list
from harness.provider.understand.lexicon import (
    ADD,
    ARTICLES,
    CREATE,
    MODAL,
    WITH,
    is_portuguese,
)
from harness.provider.understand.relations import (
    belongs,
    entity_name,
    nested,
    relation,
)
from harness.provider.understand.sentences import has_rule, sentences, split_rules

_TO = r"to|into|onto|on|in|for|of|a|ao|aos|as|à|às|no|na|nos|nas|em|para|do|da"
_EVOLVE = re.compile(
    rf"\b(?:{ADD})\s+(?P<list>.+?)\s+(?:{_TO})\s+(?:(?:{ARTICLES})\s+)*(?P<entity>[\w-]+(?:\s+(?!with\b|com\b)[\w-]+)?)\s*$",
    re.I | re.S,
)
_EVOLVE_FIRST = re.compile(
    rf"^(?:(?:extend|update|change|evolve|enhance|altere|estenda|atualize|evolua|to|for|in|on|para|no|na|ao)\s+)?(?:(?:{ARTICLES})\s+)*(?P<entity>[\w-]+)[,:]?\s+"
    r"(?:(?:entity\s+|entidade\s+)?(?:should|must|needs?|also|now|shall|has to|deve|precisa|tambem|agora|with|com|by|gets?|recebe|ganha|add|adicione)\s*)+"
    r"(?:to\s+)?(?:also\s+|tambem\s+)?(?:have|has|include|store|contain|carry|get|ter|de|guardar|incluir|conter|adding|an?\s+new)?\s*(?P<list>.+)$",
    re.I | re.S,
)
_CREATE = re.compile(
    rf"\b(?:{CREATE})\s+(?:(?:to|a|an|the|um|uma|que|de|voce|have|be able to|cadastrar|registrar|registre|create|criar|register|store|manage|track|keep|model|add|nov[oa]|new)\s+)*"
    rf"(?P<entity>[\w-]+(?:\s+(?!(?:{WITH}|that|which|where|who|que|whose)\b)[\w-]+){{0,3}}?)"
    rf"\s*(?:,?\s*(?:(?:that|which|who|que|it)\s+)?(?:{WITH})\b\s*:?\s*(?:the\s+|os\s+|as\s+)?(?:following\s+|seguintes\s+)?(?:fields?|attributes?|columns?|properties|campos?|atributos?)?\s*:?|:|\(|\s[-–]\s|\n)(?P<list>.+)$",
    re.I | re.S,
)
_CREATE_BARE = re.compile(
    rf"^(?:.*?\b)?(?:{CREATE})\s+(?:(?:to|have|create|criar|cadastrar)\s+)*(?P<entity>(?:(?:{ARTICLES})\s+)*[\w-]+(?:\s+[\w-]+){{0,3}})\s*$",
    re.I,
)
_NOUN_WITH = re.compile(
    rf"^(?:(?:{ARTICLES})\s+)*(?P<entity>[\w-]+(?:\s+[\w-]+)?)\s*(?:\b(?:{WITH})\b|:)\s*(?P<list>.+)$",
    re.I | re.S,
)
_OF_ENTITY = re.compile(
    rf"\b(?:of|de|do|da|dos|das|for|no two|two)\s+(?:(?:{ARTICLES})\s+)*([\w-]+)", re.I
)
_RULE_SUBJECT = re.compile(rf"^(?:(?:{ARTICLES}|no two|nenhum)\s+)*([\w-]+)", re.I)


def recognise(request: str) -> dict[str, object]:
    """The delta of one request: intent, entity, attributes, relations, rules."""
    portuguese = is_portuguese(plain(request).lower())
    delta = _Delta(portuguese)
    for sentence in sentences(request) or [request]:
        delta.take(sentence)
    return delta.json()


class _Delta:
    """What has been understood so far."""

    def __init__(self, portuguese: bool) -> None:
        self.portuguese = portuguese
        self.intent = ""
        self.entity = ""
        self.attributes: list[Json] = []
        self.relations: list[Json] = []
        self.rules: list[str] = []

    def take(self, sentence: str) -> None:
        """Understand one more sentence."""
        head, rules = ("", [sentence]) if self._only_rules(sentence) else split_rules(sentence)
        if head:
            self._take_head(head, rules)
        self.rules += [rule for rule in rules if not self._is_relation(rule)]
        if not self.entity and rules:
            self._entity_from_rule(rules[0])

    def _only_rules(self, sentence: str) -> bool:
        head, rules = split_rules(sentence)
        return bool(rules) and not head and not relation(sentence, self.portuguese)

    def _is_relation(self, rule: str) -> bool:
        found = belongs(rule, self.portuguese)
        if found:
            self._add_relation(*found)
        return found is not None

    def _take_head(self, head: str, rules: list[str]) -> None:
        if self.entity:
            self._continue(head)
            return
        found = relation(head, self.portuguese)
        if found and not self._lists(head):
            self.intent = "relate"
            self._add_relation(*found)
            return
        self._create_or_evolve(head, rules)

    def _lists(self, head: str) -> bool:
        """Whether the sentence is rather a creation with a list of attributes."""
        return re.search(rf"\b(?:{WITH})\b.*(?:,| and | e )", head, re.I) is not None and (
            _CREATE.search(plain(head)) is not None
        )

    def _create_or_evolve(self, head: str, rules: list[str]) -> None:
        flat = plain(head) if len(plain(head)) == len(head) else head
        for pattern, intent in (
            (_EVOLVE, "evolve"), (_CREATE, "create"), (_EVOLVE_FIRST, "evolve"),
            (_CREATE_BARE, "create"), (_NOUN_WITH, "create"),
        ):  # fmt: skip
            found = pattern.search(flat)
            if found and not (pattern is _EVOLVE and self._is_creation(flat, found)):
                self.intent = intent
                self.entity = entity_name(found.group("entity"), self.portuguese)
                groups = found.groupdict()
                self._list(groups.get("list") or "")
                if intent == "create" and not self.attributes and not self.relations:
                    name = "nome" if self.portuguese else "name"
                    self.attributes = [{"name": name, "type": "string", "required": True}]
                return
        if not rules:
            words = re.findall(r"[A-Za-z][\w-]*", flat)
            self.intent, self.entity = "create", entity_name(words[-1] if words else "Item", False)
            self.attributes = [{"name": "name", "type": "string", "required": True}]

    def _is_creation(self, flat: str, evolve: re.Match[str]) -> bool:
        """`Add a Student with name ...` creates, although it has an `add ... of/for/in` in it."""
        made = _CREATE.search(flat)
        if not made or made.start() != evolve.start():
            return False
        entity = re.sub(rf"^(?:(?:{ARTICLES})\s+)+", "", made.group("entity"), flags=re.I)
        return not re.search(rf"\s(?:{_TO}|and|e)\s", f" {entity} ") and "," not in entity

    def _list(self, text: str) -> None:
        text = text.removesuffix(")") if text.count(")") > text.count("(") else text
        text, children, rules = nested(text)
        self.rules += rules
        if children:
            self.relations.append(children)
        rest = []
        for part in re.split(
            r"(?:[,;]|\band\b|\be\b)\s*(?=(?:each|every|which|that|it|cada|que)\b)", text
        ):
            related = re.search(
                rf"(?:belong(?:s|ing)? to|pertenc(?:e|ente|em) a|linked to|ligad[oa] a)\s*o?\s+(?:(?:{ARTICLES})\s+)*([\w-]+)",
                part, re.I,
            )  # fmt: skip
            if related:
                target = entity_name(related.group(1), self.portuguese)
                self._add_relation(self.entity, {"name": snake(target), "kind": "many_to_one",
                    "target": target, "required": False, "attributes": []})  # fmt: skip
                part = re.sub(r"[\s,]*(?:\band\b|\be\b)?\s*$", "", part[: related.start()])
            rest.append(part)
        listed = parse_list(", ".join(part for part in rest if part.strip()))
        self.attributes += listed.attributes
        self.rules += listed.rules

    def _continue(self, sentence: str) -> None:
        """A later sentence: a relation of the same entity, more attributes, or a rule."""
        found = relation(sentence, self.portuguese)
        if found and found[0] == self.entity:
            self._add_relation(*found)
            return
        flat = plain(sentence) if len(plain(sentence)) == len(sentence) else sentence
        more = re.match(
            rf"^(?:it|they|{self.entity}s?|(?:the|each|every|an?|cada|uma?|o|a)\s+{self.entity}s?|ele|ela|its (?:fields|attributes) are|the (?:fields|attributes) are|fields|attributes|campos|atributos)\b\s*"
            rf"(?:should |must |also |may |deve |tambem |pode )*(?:{WITH}|:|is described by|ter|needs?)?\s*:?\s*(?P<list>.+)$",
            flat, re.I | re.S,
        )  # fmt: skip
        if more and not has_rule(sentence):
            self._list(more.group("list"))
        elif has_rule(sentence):
            self.rules.append(sentence)

    def _add_relation(self, entity: str, made: Json) -> None:
        self.entity = self.entity or entity
        if made["name"] not in {known["name"] for known in self.relations}:
            self.relations.append(made)

    def _entity_from_rule(self, rule: str) -> None:
        self.intent = self.intent or "evolve"
        flat = plain(rule)
        capital = re.search(r"(?<!^)\b([A-Z][a-z]\w+)", flat)
        owner, subject = _OF_ENTITY.search(flat), _RULE_SUBJECT.search(flat)
        possessive = re.search(r"\b(\w+)['’]s\b", rule)
        found = possessive or capital or owner or subject
        before = re.split(rf"\b(?:{MODAL})\b", flat, maxsplit=1, flags=re.I)[0]
        if not (possessive or capital) and owner and owner.start() > len(before):
            found = subject
        self.entity = entity_name(found.group(1), self.portuguese) if found else "Item"

    def json(self) -> dict[str, object]:
        """The delta, with the keys in the order that the schema names them."""
        return {
            "intent": self.intent or "create",
            "entity": self.entity or "Item",
            "attributes": self.attributes,
            "relations": self.relations,
            "rules": list(dict.fromkeys(self.rules)),
        }
