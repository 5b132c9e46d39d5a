"""Strict JSON: what other parsers let pass without a word is an error here."""

import pytest

from flagbench import strict_json


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2.5, -3e5, null, true, "\\ud83d"], "b": {"a": {}}}',
        "[]",
        '"x"',
        "7",
        "1" + "0" * 300,
    ],
)
def test_what_is_json_is_read(text: str) -> None:
    """With the values of any other parser; the same name in two objects is not a duplicate."""
    import json

    assert strict_json.parse(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1, "a": 1}', "duplicate key 'a'"),
        ('{"a": {"b": [0, {"c": 1, "d": 2, "c": 3}]}}', "duplicate key 'c' in a.b.1"),
        ('{"a": 1, "\\u0061": 2}', "duplicate key 'a'"),
        ("[NaN]", "NaN is not a number of JSON"),
        ("[-Infinity]", "-Infinity is not a number of JSON"),
        ("1e999", "1e999 is beyond the range of a float"),
        ("[-1" + "0" * 400 + "]", "-10*… is beyond the range of a float"),
        ("[" * 100_000, "brackets are nested too deep"),
        ("[1,]", "Illegal trailing comma|Expecting value"),
        ("9" * 5_000, "9… is beyond the range of a float"),
        ("", "Expecting value"),
    ],
)
def test_what_is_not_json_is_told(text: str, told: str) -> None:
    """Each as a `ValueError`, which the readers of files name with the file."""
    with pytest.raises(ValueError, match=told):
        strict_json.parse(text)
