"""Parameters of which `make test` runs some, and `make test-all` all."""

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(parameters: Iterable[Any], count: int) -> list[Any]:
    """The parameters; all but `count` of them, spread evenly, are marked as thorough.

    As `pytest.mark.parametrize` takes them: values, tuples of values, or `pytest.param`.
    """
    every = list(parameters)
    kept = {place * len(every) // count for place in range(count)}
    return [
        parameter if place in kept else _thorough(parameter)
        for place, parameter in enumerate(every)
    ]


def _thorough(parameter: Any) -> Any:
    mark = pytest.mark.thorough
    if hasattr(parameter, "marks"):
        marks = [*parameter.marks, mark]
        return pytest.param(*parameter.values, marks=marks, id=parameter.id)
    values = parameter if isinstance(parameter, tuple) else (parameter,)
    return pytest.param(*values, marks=mark)
