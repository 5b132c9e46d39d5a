"""Intent of a request (create, evolve or relate), its entity, and the delta."""

import re
from dataclasses import dataclass, field

from flagbench.simulator.crud.recognition.attributes import Json, parse_list
from flagbench.simulator.crud.recognition.lexicon import (
    ARTICLES,
    MODAL,
    is_attribute_word,
    is_portuguese,
)
from flagbench.simulator.crud.recognition.patterns import (
    ADD_RULE,
    BELONGING,
    CREATE,
    CREATE_BARE,
    EVOLVE,
    EVOLVE_FIRST,
    MORE_OF_IT,
    NOUN_WITH,
    OF_ENTITY,
    POSSESSIVE,
    RULE_SUBJECT,
    SYSTEM,
    TO,
)
from flagbench.simulator.crud.recognition.relations import (
    belonging,
    entity_name,
    read_relation,
    split_nested_rows,
    to_one,
)
from flagbench.simulator.crud.recognition.sentences import (
    has_rule,
    sentences,
    split_rules,
    without_accents,
)
from flagbench.simulator.names import snake, to_ascii

_HEADS = (
    (EVOLVE, "evolve"),
    (CREATE, "create"),
    (EVOLVE_FIRST, "evolve"),
    (CREATE_BARE, "create"),
    (NOUN_WITH, "create"),
)


def recognise(request: str) -> dict[str, object]:
    """The delta of one request: intent, entity, attributes, relations, rules."""
    return _read(request).json()


def is_understood(request: str) -> bool:
    """False where no pattern says what the request is about, so that its entity is a guess."""
    return _read(request).found


def _read(request: str) -> "_Delta":
    delta = _Delta(is_portuguese(to_ascii(request).lower()))
    for sentence in sentences(SYSTEM.sub("", request)) or [request]:
        delta.read(sentence)
    return delta


@dataclass(slots=True)
class _Delta:
    """The delta as far as the sentences read so far give it."""

    portuguese: bool
    intent: str = ""
    entity: str = ""
    attributes: list[Json] = field(default_factory=list)
    relations: list[Json] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    guessed: bool = False
    found: bool = True

    def read(self, sentence: str) -> None:
        """Add one more sentence to the delta."""
        added = ADD_RULE.match(sentence)
        if added:
            self.intent = self.intent or "evolve"
            self.entity = self.entity or entity_name(added.group("entity"), self.portuguese)
            self.rules.append(added.group("rule").strip(" ."))
            return
        head, rules = split_rules(sentence)
        if head or read_relation(sentence, self.portuguese):
            self._read_head(head or sentence, rules)
        rules = [rule for rule in rules if not self._add_if_relation(rule)]
        self.rules += rules
        if not self.entity and rules:
            self._entity_from_rule(rules[0])

    def _add_if_relation(self, rule: str) -> bool:
        statement = belonging(rule, self.portuguese)
        if statement:
            self._add_relation(*statement)
        return statement is not None

    def _read_head(self, head: str, rules: list[str]) -> None:
        if self.entity:
            self._read_continuation(head)
            return
        statement = read_relation(head, self.portuguese)
        if statement:
            self.intent = "relate"
            self._add_relation(*statement)
            return
        flat = without_accents(head)
        for pattern, intent in _HEADS:
            match = pattern.search(flat)
            if match and not (pattern is EVOLVE and _creates(flat, match)):
                self._read_match(head, match, intent)
                return
        if not rules:
            words = re.findall(r"[A-Za-z][\w-]*", flat)
            self.found = False
            self.intent, self.entity = "create", entity_name(words[-1] if words else "Item", False)
            self._guess_a_name()

    def _read_match(self, head: str, match: re.Match[str], intent: str) -> None:
        self.intent = intent
        self.entity = entity_name(match.group("entity"), self.portuguese)
        if "list" in match.re.groupindex:
            self._read_list(head[match.start("list") : match.end("list")])
        if intent == "create" and not self.attributes and not self.relations:
            self._guess_a_name()

    def _guess_a_name(self) -> None:
        """Give the entity a name as its only attribute, where the request mentions none."""
        name = "nome" if self.portuguese else "name"
        self.guessed = True
        self.attributes = [{"name": name, "type": "string", "required": True}]

    def _read_list(self, text: str) -> None:
        text = text.removesuffix(")") if text.count(")") > text.count("(") else text
        text, children, rules = split_nested_rows(text, self.portuguese)
        self.rules += rules
        if children:
            self.relations.append(children)
        related = BELONGING.search(without_accents(text))
        if related:
            self._add_relation(self.entity, to_one(entity_name(related.group(1), self.portuguese)))
            text = text[: related.start()] + text[related.end() :]
        parsed = parse_list(text)
        known = {attribute["name"] for attribute in self.attributes if not self.guessed}
        self.attributes = [] if self.guessed and parsed.attributes else self.attributes
        self.guessed = False
        self.attributes += [new for new in parsed.attributes if new["name"] not in known]
        self.rules += parsed.rules

    def _read_continuation(self, sentence: str) -> None:
        """Read a later sentence: a relation of the same entity, more attributes, or a rule."""
        statement = read_relation(sentence, self.portuguese)
        if statement and statement[0] == self.entity:
            self._add_relation(*statement)
        elif has_rule(sentence):
            self.rules.append(sentence)
        else:
            more = MORE_OF_IT.match(without_accents(sentence))
            if more:
                self._read_list(sentence[more.start("list") :])

    def _add_relation(self, entity: str, made: Json) -> None:
        self.intent = self.intent or "relate"
        self.entity = self.entity or entity
        if made["name"] not in {known["name"] for known in self.relations}:
            self.relations.append(made)

    def _entity_from_rule(self, rule: str) -> None:
        self.intent = self.intent or "evolve"
        flat = without_accents(rule)
        before, *_ = re.split(rf"\b(?:{MODAL})\b", flat, maxsplit=1, flags=re.IGNORECASE)
        capital = re.search(r"(?<!^)\b([A-Z][a-z]\w+)", flat)
        subject, owner = RULE_SUBJECT.search(flat), OF_ENTITY.search(flat)
        match = POSSESSIVE.search(rule) or capital or subject
        if owner and match is subject and subject:
            named = is_attribute_word(subject.group(1).lower())
            if named or owner.start() < len(before):
                match = owner
        self.entity = entity_name(match.group(1), self.portuguese) if match else "Item"

    def json(self) -> dict[str, object]:
        """The delta, with the keys in the order of the schema."""
        return {
            "intent": self.intent or "create",
            "entity": self.entity or "Item",
            "attributes": self.attributes,
            "relations": self.relations,
            "rules": list(dict.fromkeys(self.rules)),
        }


def _creates(flat: str, evolve: re.Match[str]) -> bool:
    """True for `Add a Student with name ...`, which also matches `add ... of/for/in`."""
    made = CREATE.search(flat)
    if not made or made.start() != evolve.start():
        return False
    entity = re.sub(rf"^(?:(?:{ARTICLES})\s+)+", "", made.group("entity"), flags=re.IGNORECASE)
    words = re.sub(r"^(?:campo|field|attribute|atributo|column|coluna)s?\s+", "", entity)
    if words != entity or is_attribute_word(snake(entity)):
        return False
    return not re.search(rf"\s(?:{TO}|and|e)\s", f" {entity} ") and "," not in entity
