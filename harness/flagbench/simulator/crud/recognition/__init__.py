"""Recognition of requests in English and Portuguese; the delta is returned as JSON."""

import json
import re

from flagbench.simulator.crud.recognition.intent import is_understood, recognise
from flagbench.simulator.crud.recognition.peoples_words import in_plain_words
from flagbench.simulator.crud.recognition.relations import to_one
from flagbench.simulator.rng import Rng

__all__ = [
    "GUESSED",
    "LITERAL",
    "MADE_SINGLE",
    "MADE_SINGLE_ON_ORDER",
    "MISSED_REQUIRED",
    "MISSED_RULE",
    "in_plain_words",
    "recognise",
    "recognition_answer",
]

MISSED_REQUIRED = 0.01
"""Chance that one attribute's `required` is read wrong; an assumption (the experiment gives no
figure for recognition)."""
MISSED_RULE = 0.03
"""Chance that one business rule is overlooked; an assumption."""


MADE_SINGLE = 0.01
"""Chance that a many_to_many relation is read as many_to_one; an assumption, as for `required`."""
MADE_SINGLE_ON_ORDER = 1.0
"""The same under a prompt that orders an id in the entity for each relation, as the experiment's
did: its 100 answers to a plural request all have one `course_id`."""
LITERAL = 0.10
"""Chance that chatty words ("no duplicates please", "still active or not") are taken literally:
what they mean is lost, or becomes part of a name; an assumption."""
GUESSED = 0.25
"""Chance that a request which says of nothing what it is gets an entity all the same; else the
answer asks back. An assumption: models rarely refuse to answer."""
NOT_UNDERSTOOD = (
    "I cannot tell what this request is about. What should be stored, with which values?"
)
_ORDERS_AN_ID = re.compile(r"_id\b[^.\n]{0,30}\bforeign key|\bforeign key field\b", re.I)


def recognition_answer(request: str, orders: str, draws: Rng, multiplier: float) -> str:
    """The delta of a request as JSON, with rare reading errors; `multiplier` scales their rates.

    A request that is not understood is asked back, as models that must answer in JSON do.
    """
    words = in_plain_words(request)
    if words != request and draws.chance("literal", LITERAL * multiplier):
        words = request
    if not is_understood(words) and not draws.chance("guessed", GUESSED * multiplier):
        return json.dumps({"error": NOT_UNDERSTOOD})
    delta = recognise(words)
    attributes = delta["attributes"]
    if isinstance(attributes, list):
        for number, attribute in enumerate(attributes):
            if draws.chance(f"required {number}", MISSED_REQUIRED * multiplier):
                attribute["required"] = not attribute["required"]
    relations = delta["relations"]
    if isinstance(relations, list):
        ordered = _ORDERS_AN_ID.search(orders) is not None
        rate = (MADE_SINGLE_ON_ORDER if ordered else MADE_SINGLE) * multiplier
        for number, relation in enumerate(relations):
            if relation["kind"] == "many_to_many" and draws.chance(f"single {number}", rate):
                relation.update(to_one(relation["target"]))
    rules = delta["rules"]
    if isinstance(rules, list):
        delta["rules"] = [
            rule
            for number, rule in enumerate(rules)
            if not draws.chance(f"rule {number}", MISSED_RULE * multiplier)
        ]
    return json.dumps(delta, ensure_ascii=False)
