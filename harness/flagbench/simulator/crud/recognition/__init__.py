"""Recognition of requests in English and Portuguese; the delta is returned as JSON."""

import json

from flagbench.simulator.crud.recognition.intent import recognise
from flagbench.simulator.rng import Rng

__all__ = ["MISSED_REQUIRED", "MISSED_RULE", "recognise", "recognition_answer"]

MISSED_REQUIRED = 0.01
"""Chance that one attribute's `required` is read wrong; an assumption (the experiment gives no
figure for recognition)."""
MISSED_RULE = 0.03
"""Chance that one business rule is overlooked; an assumption."""


def recognition_answer(request: str, draws: Rng, multiplier: float) -> str:
    """The delta as JSON, with rare reading errors; `multiplier` scales their rates."""
    delta = recognise(request)
    attributes = delta["attributes"]
    if isinstance(attributes, list):
        for number, attribute in enumerate(attributes):
            if draws.chance(f"required {number}", MISSED_REQUIRED * multiplier):
                attribute["required"] = not attribute["required"]
    rules = delta["rules"]
    if isinstance(rules, list):
        delta["rules"] = [
            rule
            for number, rule in enumerate(rules)
            if not draws.chance(f"rule {number}", MISSED_RULE * multiplier)
        ]
    return json.dumps(delta, ensure_ascii=False)
