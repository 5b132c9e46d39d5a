"""Repeated answers: at temperature 0 the same job gets the same answer again and again.

The experiment asked at temperature 0. Of 100 answers to a job 15 to 56 were distinct (180 of 600
in six jobs), and the commonest came 20 to 35 times. Zipf's law over 60 answers with exponent 1.15
gives 30 distinct ones of 100, the commonest 27 times. At other temperatures nobody counted: there
each answer is drawn by itself.
"""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from flagbench.simulator.rng import Rng

ANSWERS = 60
EXPONENT = 1.15
_UP_TO = tuple(accumulate((number + 1) ** -EXPONENT for number in range(ANSWERS)))


def repeated_answer(body: Mapping[str, Any], draws: Rng) -> int | None:
    """The number of the answer (from 1) that a job gets at temperature 0; None at any other."""
    if body.get("temperature") != 0:
        return None
    place = draws.unit("answer number") * _UP_TO[-1]
    return next(number for number, upper in enumerate(_UP_TO, 1) if place < upper)
