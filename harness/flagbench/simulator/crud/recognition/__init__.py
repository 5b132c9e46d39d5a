"""A request in words -> the recognised delta as JSON; English and Portuguese."""

import json

from flagbench.simulator.crud.recognition.intent import recognise
from flagbench.simulator.rng import Rng

__all__ = ["MISSED_REQUIRED", "MISSED_RULE", "recognise", "recognised"]

MISSED_REQUIRED = 0.01
"""Chance that one attribute's `required` is read wrong; an assumption (the seed's own experiment
gives no figure for recognition)."""
MISSED_RULE = 0.03
"""Chance that one business rule is overlooked; an assumption."""


def recognised(request: str, draws: Rng, multiplier: float) -> str:
    """The JSON answer of the recogniser, with its rare slips; `multiplier` scales their rates."""
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
