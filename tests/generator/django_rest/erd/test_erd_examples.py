"""The example ERDs: they are right, and they show everything that an ERD can say."""

import json
from pathlib import Path

import pytest

from flagbench_generators.django_rest.erd import Erd, read
from flagbench_generators.django_rest.erd.entity import KINDS
from flagbench_generators.django_rest.erd.values import TYPES

ERDS = Path(__file__).resolve().parents[4] / "scenarios" / "erds"
NAMES = ["blog", "blog-plus", "clinic", "hr", "shop", "team", "wide"]


@pytest.fixture(scope="module")
def erds() -> dict[str, Erd]:
    """All of them, by the names of their files."""
    return {path.stem: read(path.read_text(encoding="utf-8")) for path in ERDS.glob("*.json")}


def test_all_are_read(erds: dict[str, Erd]) -> None:
    """And no other lies there."""
    assert sorted(erds) == NAMES


def test_the_wide_one_is_wide(erds: dict[str, Erd]) -> None:
    """A university of 30 entities."""
    assert len(erds["wide"].entities) == 30
    assert max(map(len, (one.fields for one in erds["wide"].entities))) >= 5


def test_every_type_kind_and_option_is_shown(erds: dict[str, Erd]) -> None:
    """Between them; a generator that takes them has met everything."""
    entities = [one for erd in erds.values() for one in erd.entities]
    fields = [one for entity in entities for one in entity.fields]
    relations = [(entity, one) for entity in entities for one in entity.relations]
    assert {one.type for one in fields} == set(TYPES)
    assert {one.kind for _, one in relations} == set(KINDS)
    assert {one.on_delete for _, one in relations} == {"cascade", "protect", "set_null"}
    assert {one.kind for entity, one in relations if one.to == entity.name} == {
        "foreign_key", "many_to_many",
    }  # fmt: skip
    assert {one.type for one in fields if one.choices} == {"string", "integer"}
    assert {one.type for one in fields if one.max_length} == {"string", "email", "url"}
    assert any(one.through for _, one in relations)
    with_default = {one.type for one in fields if one.has_default}
    assert with_default == set(TYPES) - {"uuid"}
    for option in ("null", "unique"):
        assert any(getattr(one, option) for one in fields)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_written_plainly(name: str) -> None:
    """Nothing is said that holds anyway, and lines fit a page."""
    text = (ERDS / f"{name}.json").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 110
    assert text.endswith("}\n")
    for entity in json.loads(text)["entities"]:
        for one in (*entity.get("fields", []), *entity.get("relations", [])):
            assert one.get("null") is not False
            assert one.get("on_delete") != "cascade"
