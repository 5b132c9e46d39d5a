"""The wait that a refusal asks for: numbers, dates, and their time of answer."""

import email.utils
import time

import pytest

from flagbench.cassette import retry_after

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
LATER = "Wed, 21 Oct 2026 07:28:25 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": ("25",)}, 25.0),
        ({"retry-after": ("0.5",)}, 0.5),
        ({"retry-after": ("-3",)}, 0.0),
        ({"retry-after": ("9",), "retry-after-ms": ("1500",)}, 1.5),
        ({"retry-after": ("soon",)}, None),
        ({"retry-after": ("inf",)}, None),
        ({"retry-after": (DATE,)}, None),
    ],
)
def test_seconds(headers: dict[str, tuple[str, ...]], seconds: float | None) -> None:
    """Milliseconds come first; what is no number is not a wait of 0."""
    assert retry_after.seconds_of(headers) == seconds


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({"retry-after": (LATER,), "date": (DATE,)}, "25"),
        ({"retry-after": (DATE,), "date": (LATER,)}, "0"),
        ({"retry-after": ("Wednesday, 21-Oct-26 07:28:25 GMT",), "date": (DATE,)}, "25"),
        ({"retry-after": ("7",), "date": (DATE,)}, "7"),
        ({"retry-after": ("soon",), "date": (DATE,)}, "soon"),
    ],
    ids=["later", "past", "RFC 850", "seconds", "no date"],
)
def test_a_date_becomes_seconds_from_the_answers_own_time(
    headers: dict[str, tuple[str, ...]], value: str
) -> None:
    """A cassette is replayed years later."""
    plain = retry_after.without_date(headers)
    assert plain["retry-after"] == (value,)
    assert not retry_after.holds_date(plain)


def test_an_answer_without_its_time_was_given_now() -> None:
    """Some gateways send no `date`."""
    headers = {"retry-after": (email.utils.formatdate(time.time() + 25, usegmt=True),)}
    assert retry_after.without_date(headers)["retry-after"][0] in {"24", "25"}
