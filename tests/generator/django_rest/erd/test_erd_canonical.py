"""One text and one digest for an ERD, however it was written."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_erds import documents, rewritten

from flagbench_generators.django_rest.erd import canonical, digest, read

ERDS = Path(__file__).resolve().parents[4] / "scenarios" / "erds"


@given(st.data())
def test_the_same_erd_is_the_same_text(data: st.DataObject) -> None:
    """Order of keys and entities, blanks and defaults that are said make no difference."""
    document = data.draw(documents())
    erd = read(json.dumps(document))
    other = read(data.draw(rewritten(document)))
    assert canonical(other) == canonical(erd)
    assert digest(other) == digest(erd)


@given(documents())
def test_json_to_erd_to_json_loses_nothing(document: dict[str, Any]) -> None:
    """The canonical text is read as the same ERD, but for the order of entities."""
    erd = read(json.dumps(document))
    again = read(canonical(erd))
    assert canonical(again) == canonical(erd)
    assert {one.name: one for one in again.entities} == {one.name: one for one in erd.entities}


@given(st.data())
def test_another_erd_is_another_digest(data: st.DataObject) -> None:
    """One field more, and it is another."""
    document = data.draw(documents())
    erd = read(json.dumps(document))
    data.draw(st.sampled_from(document["entities"]))["fields"].append(
        {"name": "one_more", "type": "boolean"}
    )
    assert digest(read(json.dumps(document))) != digest(erd)


def test_the_order_of_fields_matters() -> None:
    """Files are generated in it."""
    fields = [{"name": "title", "type": "string"}, {"name": "body", "type": "text"}]
    texts = [
        json.dumps({"name": "a", "entities": [{"name": "Page", "fields": one}]})
        for one in (fields, fields[::-1])
    ]
    assert digest(read(texts[0])) != digest(read(texts[1]))


def test_the_text_is_short_and_readable() -> None:
    """Entities by name, keys in a fixed order, no defaults, letters as they are."""
    text = """{"entities": [
      {"relations": [{"to": "Author", "on_delete": "cascade", "null": false, "name": "author",
                      "kind": "foreign_key"}],
       "fields": [{"unique": false, "name": "place", "type": "string", "default": "Köln"}],
       "name": "Book"},
      {"name": "Author", "fields": [{"type": "boolean", "name": "lives", "default": false}]}],
      "name": "books"}"""
    assert (
        canonical(read(text))
        == """{
  "name": "books",
  "entities": [
    {
      "name": "Author",
      "fields": [
        {
          "name": "lives",
          "type": "boolean",
          "default": false
        }
      ]
    },
    {
      "name": "Book",
      "fields": [
        {
          "name": "place",
          "type": "string",
          "default": "Köln"
        }
      ],
      "relations": [
        {
          "name": "author",
          "kind": "foreign_key",
          "to": "Author"
        }
      ]
    }
  ]
}"""
    )


@pytest.mark.parametrize(
    ("options", "one", "other"),
    [
        ('"type": "decimal", "max_digits": 5, "decimal_places": 2', '"9.90"', "9.9"),
        ('"type": "decimal", "max_digits": 5, "decimal_places": 2', '"0.00"', "-0.0"),
        ('"type": "float"', "1", "1.0"),
        ('"type": "float"', "0.0", "-0.0"),
        ('"type": "time"', '"09:30"', '"09:30:00"'),
        ('"type": "datetime"', '"2024-01-31T09:30Z"', '"2024-01-31 09:30:00+00:00"'),
        (
            '"type": "uuid"',
            '"123E4567-E89B-12D3-A456-426614174000"',
            '"123e4567-e89b-12d3-a456-426614174000"',
        ),
    ],
)
def test_the_same_default_is_written_in_one_way(options: str, one: str, other: str) -> None:
    """A cache must not miss because of it."""
    text = (
        '{"name": "a", "entities": [{"name": "A", "fields": [{"name": "b", %s, "default": %s}]}]}'
    )
    assert canonical(read(text % (options, one))) == canonical(read(text % (options, other)))


def test_the_digest_is_stable() -> None:
    """It is in the file names of caches that teams share: a change of it loses them all."""
    text = '{"name": "a", "entities": [{"name": "B", "fields": [{"name": "c", "type": "date"}]}]}'
    assert digest(read(text)) == "fda5f03b449b5885e5c51c349ecb3407c83b6a280c6b0195c10cbb9fb1a455c0"


def test_one_field_more_is_another_erd() -> None:
    """The example and its variant."""
    blog, plus = (read((ERDS / f"{name}.json").read_text()) for name in ("blog", "blog-plus"))
    assert digest(blog) != digest(plus)
    count = [sum(len(one.fields) for one in erd.entities) for erd in (blog, plus)]
    assert count[1] == count[0] + 1
