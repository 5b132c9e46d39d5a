"""Errors of an ERD: all of its problems at once, and those of one validator."""

from collections.abc import Sequence

from pydantic_core import PydanticCustomError

from flagbench_generators.kernel.problem import Problem, WrongDocument


class ErdErrors(WrongDocument):
    """An invalid ERD."""


def validation_error(problems: Sequence[Problem]) -> PydanticCustomError:
    """Build the error of a validator with all its problems; places are relative to the value."""
    text = "; ".join(f"{problem.what}; expected: {problem.expected}" for problem in problems)
    # Braces are placeholders to pydantic, so the text is passed as the value of one.
    return PydanticCustomError("erd", "{text}", {"text": text, "problems": tuple(problems)})
