"""Usage as providers report it."""

import pytest

from flagbench.cassette.usage.reported import Reported, reported

NOTHING = Reported(None, None, None, None)
BOTH = {"prompt_tokens": 12, "completion_tokens": 3}


@pytest.mark.parametrize(
    "odd", [None, "12", 12, 1.5, True, [1, 2], {}, {"total_tokens": 15}, {"prompt_tokens": "12"}]
)
def test_an_odd_usage_reports_nothing(odd: object) -> None:
    """It is no error either."""
    assert reported(odd) == NOTHING


@pytest.mark.parametrize(
    "odd", ["12", None, [12], {"a": 1}, True, -12, 3.5, float("nan"), float("inf"), 10**30]
)
def test_a_field_of_an_odd_type_is_not_reported(odd: object) -> None:
    """The others are; 12.0 is a number of tokens."""
    usage = {"prompt_tokens": odd, "completion_tokens": 3.0, "prompt_tokens_details": odd}
    assert reported(usage) == Reported(None, 3, None, None)
    details = {"prompt_tokens_details": {"cached_tokens": odd}}
    assert reported({**BOTH, **details}) == Reported(12, 3, None, None)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({**BOTH, "total_tokens": 15}, Reported(12, 3, None, None)),
        ({"prompt_tokens": 12, "total_tokens": 15}, Reported(12, 3, None, None)),
        ({"prompt_tokens": 12, "total_tokens": 12}, Reported(12, 0, None, None)),
        ({"completion_tokens": 3, "total_tokens": 15}, Reported(12, 3, None, None)),
        ({"input_tokens": 12, "output_tokens": 3}, Reported(12, 3, None, None)),
        ({**BOTH, "prompt_tokens_details": {"cached_tokens": 0}}, Reported(12, 3, 0, None)),
        ({**BOTH, "prompt_tokens_details": {"cached_tokens": 13}}, Reported(12, 3, None, None)),
        ({**BOTH, "prompt_cache_hit_tokens": 8}, Reported(12, 3, 8, None)),
        (
            {"input_tokens": 12, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 4}},
            Reported(12, 3, 4, None),
        ),
        (
            {"input_tokens": 2, "output_tokens": 3, "cache_read_input_tokens": 9},
            Reported(11, 3, 9, None),
        ),
        ({**BOTH, "completion_tokens_details": {"reasoning_tokens": 2}}, Reported(12, 3, None, 2)),
        ({**BOTH, "output_tokens_details": {"reasoning_tokens": 2}}, Reported(12, 3, None, 2)),
        # Reasoning that is in the total, or nowhere, and not in the completion.
        (
            {**BOTH, "total_tokens": 65, "completion_tokens_details": {"reasoning_tokens": 50}},
            Reported(12, 53, None, 50),
        ),
        ({**BOTH, "total_tokens": 65}, Reported(12, 53, None, 50)),
        (
            {**BOTH, "completion_tokens_details": {"reasoning_tokens": 50}},
            Reported(12, 53, None, 50),
        ),
    ],
)
def test_the_known_forms(usage: object, expected: Reported) -> None:
    """Cached tokens are in the prompt, reasoning is in the completion."""
    assert reported(usage) == expected
