"""Errors say what was found, where, what was expected and how to fix it."""

import subprocess
import sys
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError
from pydantic import field_validator as validator

from flagbench.errors import (
    CellStopped,
    CouldNotRun,
    ExitCode,
    FlagbenchError,
    InputError,
    Problem,
    described,
    problem_in,
    problems_of,
)


class Wheel(BaseModel):
    """A model inside another; `from` is a key that is no name in Python."""

    model_config = ConfigDict(extra="forbid")
    maker: str = Field("x", alias="from")
    inches: Annotated[int, Field(ge=1)]


class Cart(BaseModel):
    """A model with each kind of error."""

    model_config = ConfigDict(extra="forbid")
    colour: Literal["red", "blue"] = "red"
    wheels: list[
        Annotated[
            Annotated[Wheel, Tag("<wheel>")] | Annotated[None, Tag("<none>")],
            Discriminator(lambda _: "<wheel>"),
        ]
    ] = []
    notes: dict[Annotated[str, Field(pattern="^[a-z]+$", strict=True)], str] = {}

    @validator("wheels")
    @classmethod
    def _even(cls, wheels: list[Wheel]) -> list[Wheel]:
        if len(wheels) % 2:
            raise ValueError("the wheels should be in pairs")
        if len(wheels) > 2:
            raise ValueError("too many; expected: two")
        return wheels


@pytest.mark.parametrize(
    ("document", "what", "expected"),
    [
        ({"colour": "green"}, "colour is 'green'", "'red' or 'blue'"),
        ({"colur": "red"}, "unknown key 'colur'", "colour"),
        ({"zzz": 1}, "unknown key 'zzz'", "colour, wheels, notes"),
        ({"wheels": [{"inches": 1, "fron": 1}] * 2}, "wheels.0: unknown key 'fron'", "from"),
        ({"wheels": [{"inches": 1, "zzz": 1}] * 2}, "wheels.0: unknown key 'zzz'", "from, inches"),
        ({"wheels": [{"inche": 1}] * 2}, "wheels.0: unknown key 'inche'", "inches"),
        (
            {"wheels": [{"inches": 1, "colour": "red"}]},
            "wheels.0: unknown key 'colour'",
            "from, inches",
        ),
        ({"wheels": [{}]}, "wheels.0: key 'inches' is missing", "inches: ..."),
        ({"wheels": [{"inches": 0}]}, "wheels.0.inches is 0", "greater than or equal to 1"),
        ({"wheels": [{"inches": 1}]}, "wheels: the wheels should be in pairs", ""),
        ([1], "the document is [1]", "a mapping with the keys colour, wheels, notes"),
        ({"wheels": [3] * 2}, "wheels.0 is 3", "a mapping with the keys from, inches"),
        ({"wheels": None}, "wheels is null", "a list"),
        ({"wheels": [{"inches": 1.5}] * 2}, "wheels.0.inches is 1.5", "a whole number"),
        ({"wheels": [{"inches": 1}] * 4}, "wheels: too many", "two"),
        ({"notes": []}, "notes is []", "a mapping"),
        ({"notes": {"a": True}}, "notes.a is true", "text: 'true' in quotes"),
        (
            {"notes": {"a": date(2026, 1, 31)}},
            "notes.a is 2026-01-31",
            "text: '2026-01-31' in quotes",
        ),
        ({"notes": {"a": []}}, "notes.a is []", "text"),
        ({"notes": {"A": "x"}}, "notes: key 'A'", "to match pattern '^[a-z]+$'"),
        ({"notes": {False: "x"}}, "notes: key false", "text: 'false' in quotes"),
        ({"colour": "x" * 999}, f"colour is '{'x' * 12}...{'x' * 13}'", "'red' or 'blue'"),
    ],
)
def test_an_error_of_pydantic_in_our_words(document: Any, what: str, expected: str) -> None:
    """What was found, then what was expected; a place without tags; long values cut."""
    with pytest.raises(ValidationError) as caught:
        Cart.model_validate(document)
    first = problems_of(caught.value, "a.yaml", document=Cart, fix="do that")[0]
    assert first == Problem(what, "a.yaml", expected, "do that")


def test_every_error_of_pydantic_has_the_line_of_its_place() -> None:
    """The function gets the place as it is in the document."""
    with pytest.raises(ValidationError) as caught:
        Cart.model_validate({"wheels": [{"inches": 1}, {"inches": 0}], "colour": 1})
    found = problems_of(caught.value, lambda place: "/".join(map(str, place)))
    assert [problem.where for problem in found] == ["colour", "wheels/1/inches"]


def test_pydantic_is_loaded_only_by_who_needs_it() -> None:
    """Every run of pytest imports the errors."""
    code = "import sys, flagbench.errors; assert 'pydantic' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_problem_says_everything_it_knows() -> None:
    """And nothing where it knows nothing."""
    whole = Problem("it is wrong", where="a.yaml:3", expected="this", fix="do that")
    assert str(whole) == ("a.yaml:3: it is wrong\n    expected: this\n    fix: do that")
    assert str(Problem("it is wrong")) == "it is wrong"


def test_an_exception_is_described_even_where_it_cannot_be_shown() -> None:
    """The type alone, where its message is empty or fails."""

    class Mute(Exception):  # noqa: N818  as an author may name it
        def __str__(self) -> str:
            raise RuntimeError

    told = [described(error) for error in (KeyError("a"), ValueError(), Mute())]
    assert told == ["KeyError: 'a'", "ValueError", "Mute"]


def test_a_message_may_say_what_it_expects() -> None:
    """After `; expected: `, which becomes a line of its own."""
    assert problem_in("a is 1; expected: 2", "x") == Problem("a is 1", "x", "2")
    assert problem_in("a is 1") == Problem("a is 1")


def test_several_problems_are_all_told() -> None:
    """One line after the other, from a tuple or from any other source."""
    error = InputError(Problem(what) for what in ("one", "two"))
    assert str(error) == "one\ntwo"
    assert [one.what for one in error.problems] == ["one", "two"]


def test_exit_codes_go_with_the_kind_of_error() -> None:
    """Wrong input is 2, what could not run 3."""
    assert FlagbenchError(Problem("x")).exit_code == InputError(Problem("x")).exit_code == 2
    assert CouldNotRun(Problem("x")).exit_code == ExitCode.COULD_NOT_RUN == 3


def test_a_stopped_cell_is_no_exception_that_a_subject_would_catch() -> None:
    """`except Exception` lets it through, and its reason comes with it."""
    stopped = CellStopped(CouldNotRun(Problem("not recorded")))
    assert not isinstance(stopped, Exception)
    assert str(stopped) == "not recorded"
