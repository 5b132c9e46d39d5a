"""Names: what is refused, and how names of other notations are turned into right ones."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.erd import from_notation
from generator.erd.imported import erd_name
from generator.erd.names import RESERVED, camel_case, field_case, is_field_name, singular
from generator.spec import plural


def test_every_name_of_a_django_model_is_reserved() -> None:
    """Whatever the installed version has; a field of that name would hide it."""
    models = pytest.importorskip("django.db.models")
    own = {one for one in dir(models.Model) if one[0].islower()}
    assert own | {"id", "pk", "objects"} == RESERVED


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("order_lines", "OrderLines"), ("LINE-ITEM", "LineItem"), ("OrderLine", "OrderLine"),
        ("APIKey", "APIKey"), ("delivery address", "DeliveryAddress"), ("2nd_try", "NdTry"),
        ("Straße", "Strasse"), ("Øre", "Ore"), ("客户", ""), ("", ""),
    ],
)  # fmt: skip
def test_names_of_entities(source: str, name: str) -> None:
    """CamelCase from whatever a notation writes."""
    assert camel_case(source) == name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("orderNumber", "order_number"), ("ORDER_NO", "order_no"), ("e-mail", "e_mail"),
        ("class", "class_value"), ("save", "save_value"), ("id", "number"), ("_x_", "x"),
        ("2nd", "nd"), ("Größe", "grosse"), ("客户", ""),
    ],
)  # fmt: skip
def test_names_of_fields(source: str, name: str) -> None:
    """snake_case from whatever a notation writes."""
    assert field_case(source) == name


@given(st.text(max_size=80) | st.sampled_from([*keyword.kwlist, *RESERVED]))
def test_a_name_that_is_made_is_right(source: str) -> None:
    """Or empty, where no letter is left of it."""
    assert field_case(source) == "" or is_field_name(field_case(source))


@pytest.mark.parametrize(
    "word",
    ["order", "category", "box", "branch", "class", "address", "day", "house", "course", "status",
     "movie", "series", "news", "analysis", "dish", "size"],
)  # fmt: skip
def test_singulars(word: str) -> None:
    """Of a plural its singular; of a singular itself."""
    assert singular(word) == word
    if word not in ("status", "series", "news", "analysis"):
        assert singular(plural(word)) == word
        assert singular(plural(word).upper()) in (word.upper(), plural(word).upper())


@pytest.mark.parametrize(
    ("words", "name"),
    [("My Shop", "my-shop"), ("web_shop2", "web-shop2"), ("class", "class"), ("客户", "imported")],
)
def test_names_of_erds(words: str, name: str) -> None:
    """From a title or the name of a file."""
    assert erd_name(words) == name


def test_an_unknown_notation_is_refused() -> None:
    """With those that are known."""
    with pytest.raises(ValueError, match="right would be one of json, dbml, mermaid"):
        from_notation("", "sql")
