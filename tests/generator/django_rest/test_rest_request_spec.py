"""A project: its one text, its equality, and the names that rules fill in."""

import pytest
from review_examples import SHOP
from scripted import Heard, run

from flagbench_generators.django_rest.erd import Erd
from flagbench_generators.django_rest.request_spec import Project, understand
from flagbench_generators.kernel.request_spec import NotUnderstood


@pytest.mark.parametrize(
    ("per", "when", "names"),
    [("project", None, [{"project": "shop"}]),
     ("project", "self_reference", [{"project": "shop"}]),
     ("project", "through", []),
     ("entity", None, ["Customer customer customers", "OrderLine order_line order-lines"]),
     ("entity", "foreign_key", ["Customer customer customers"]),
     ("field", None, ["email EmailField", "note TextField", "amount IntegerField"]),
     ("field", "null_field", ["note TextField"]),
     ("field", "required_field", ["email EmailField", "amount IntegerField"]),
     ("field", "unique_field", ["email EmailField"]),
     ("field", "choices_field", []),
     ("relation", None, ["friend foreign_key Customer"]),
     ("relation", "many_to_many", [])],
)  # fmt: skip
def test_the_names_of_its_parts(per: str, when: str | None, names: list[object]) -> None:
    """Once for each part that the condition fits."""
    found = list(SHOP.parts(per, when))
    if per == "project":
        assert found == names
        return
    shown = {"entity": ("entity", "module", "route"), "field": ("field", "type"),
             "relation": ("relation", "kind", "target")}[per]  # fmt: skip
    assert [" ".join(one[name] for name in shown) for one in found] == names


def test_the_same_erd_is_the_same_project_however_it_was_written() -> None:
    """Entities in another order: equal, with one text for prompts."""
    other = Project(Erd(name="shop", entities=tuple(reversed(SHOP.entities))))
    assert other == SHOP
    assert hash(other) == hash(SHOP)
    assert other.specification == SHOP.specification
    assert Project(Erd(name="shop2", entities=SHOP.erd.entities)) != SHOP


def test_an_erd_is_understood_without_a_call() -> None:
    """What engineers are told is one sentence."""
    (project, words), seconds = run(understand(SHOP.specification, Heard().trace()))
    assert project == SHOP
    assert words == "Django REST backend of the ERD shop"
    assert seconds == 0


def test_everything_wrong_in_an_erd_is_told() -> None:
    """By its JSON path."""
    with pytest.raises(NotUnderstood) as raised:
        run(understand('{"name": "Shop", "entities": []}', Heard().trace()))
    assert "$.name" in str(raised.value)
    assert "$.entities" in str(raised.value)
