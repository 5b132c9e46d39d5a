"""The files of a Django backend: every style, alone and together, in a real Django."""

import ast
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from django_project import (
    ODD,
    ROOT,
    SHOP,
    entity,
    field,
    look_of,
    proved,
    relation,
    shop,
    wide,
    written,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sampled import sampled

from flagbench.simulator.django.literals import constant_names, default_expression
from flagbench.simulator.django.patching import differences
from flagbench.simulator.django.plan import KINDS
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project, project_of
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer import STYLES

EVERY = [(kind, style) for kind in KINDS for style in STYLES[kind]]


def _named(value: Any) -> str:
    return getattr(value, "__name__", value)


@pytest.mark.parametrize(("kind", "style"), sampled(EVERY, 6), ids=_named)
@pytest.mark.parametrize("erd", [SHOP, ODD, wide()], ids=lambda erd: erd["name"])
def test_style_writes_what_is_asked(kind: str, style: Any, erd: dict[str, Any]) -> None:
    """In twelve looks it parses, differs from the ERD in nothing and keeps 79 columns."""
    project = project_of(erd)
    for number in range(12):
        code = style(planned(kind, project), project, look_of(number))
        assert ast.parse(code)
        assert differences(kind, project, code) == []
        assert max(map(len, code.split("\n"))) <= 79
        assert code.endswith("\n") and not code.endswith("\n\n")


def test_styles_and_looks_differ() -> None:
    """Three styles of a kind are three texts, and so is each choice of a look in some style."""
    project = shop()
    for kind in KINDS:
        assert (
            len({style(planned(kind, project), project, CodeStyle()) for style in STYLES[kind]})
            == 3
        )
    changes = [{"quotes": "'"}, {"tuples": True}, {"imports": "names"}, {"imports": "relative"},
               {"annotated": False}]  # fmt: skip
    for change in changes:
        look = dataclasses.replace(CodeStyle(), **change)
        differing = [kind for kind, style in EVERY
                     if style(planned(kind, project), project, look)
                     != style(planned(kind, project), project, CodeStyle())]  # fmt: skip
        assert differing, change


@pytest.mark.thorough
def test_written_projects_run(tmp_path: Path) -> None:
    """Five clean files in each style: Django checks them, migrates, and the API keeps strangers
    out and lets people in; self references, through, one-to-one, odd values, thirty entities."""
    erds = [SHOP, ODD, wide()]
    cases = [(erd, style) for erd in erds[:2] for style in range(3)] + [(erds[2], 1)]
    stored = (ROOT / "scenarios" / "erds" / "hr.json").read_text(encoding="utf-8")
    cases.append((json.loads(stored), 2))
    found = proved(tmp_path, [written(project_of(erd), style) for erd, style in cases])
    assert len(found) == len(cases)
    for (erd, style), failed in zip(cases, found, strict=True):
        assert failed == {}, (erd["name"], style)


def test_files_of_different_styles_fit(tmp_path: Path) -> None:
    """Each kind is drawn by itself: the styles go together in any mixture."""
    project = shop()
    mixtures = []
    for first in range(3):
        texts = {}
        for place, kind in enumerate(KINDS):
            number = (first + place) % 3
            texts[kind] = STYLES[kind][number](planned(kind, project), project, look_of(number + 7))
        mixtures.append(texts)
    assert proved(tmp_path, mixtures) == [{}, {}, {}]


def test_defaults_are_of_their_type() -> None:
    """Each default is the value of the ERD when it is evaluated, of the type of its field."""
    import datetime
    import uuid
    from decimal import Decimal

    names = {"datetime": datetime, "uuid": uuid, "Decimal": Decimal}
    told = {
        "decimal": ("1.50", Decimal("1.50")), "integer": (3, 3), "float": (0.5, 0.5),
        "boolean": (False, False), "string": ('a "b"', 'a "b"'), "text": ("x" * 200, "x" * 200),
        "date": ("2024-01-31", datetime.date(2024, 1, 31)),
        "time": ("09:30:00", datetime.time(9, 30)),
        "datetime": ("2024-01-31T10:00:05+02:00",
                     datetime.datetime(2024, 1, 31, 8, 0, 5, tzinfo=datetime.UTC)),
        "uuid": ("123e4567-e89b-12d3-a456-426614174000",
                 uuid.UUID("123e4567-e89b-12d3-a456-426614174000")),
    }  # fmt: skip
    for kind, (value, right) in told.items():
        one = project_of({"entities": [entity("A", [field("x", kind, default=value)])]})
        made = eval(default_expression(one.entities[0].fields[0]), dict(names))  # noqa: S307
        assert made == right and type(made) is type(right), kind


def test_wrong_defaults_stay_texts() -> None:
    """A default that is no value of its type is written as it stands; nothing crashes."""
    for kind in ("date", "time", "datetime", "uuid"):
        one = project_of({"entities": [entity("A", [field("x", kind, default="soon")])]})
        assert default_expression(one.entities[0].fields[0]) == '"soon"'


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(-99, 99)), min_size=1, max_size=12))
def test_constants_are_names_of_their_own(values: list[str | int]) -> None:
    """Whatever the choices, their constants are identifiers and no two are alike."""
    names = constant_names(values)
    assert len(set(names)) == len(values)
    assert all(name.isidentifier() and name.isupper() for name in names)


NAMES = st.one_of(st.sampled_from(["Order", "order line", "Über", "2nd", "", "class"]), st.text())
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(NAMES, st.none(), st.integers()),
        "type": st.sampled_from(["string", "money", "date", "decimal", "datetime", None, 3]),
        "kind": st.sampled_from(["foreign_key", "many-to-many", "one_to_one", "?", None]),
        "to": NAMES, "through": NAMES, "null": st.booleans(), "on_delete": NAMES,
        "max_length": st.one_of(st.integers(-3, 300), st.text(max_size=2)),
        "choices": st.one_of(st.none(), st.lists(st.one_of(st.text(max_size=5), st.integers()))),
        "default": st.one_of(st.none(), st.text(max_size=90), st.floats(), st.booleans()),
    },
)  # fmt: skip
ENTITIES = st.fixed_dictionaries(
    {"name": NAMES},
    optional={"fields": st.lists(PARTS, max_size=4), "relations": st.lists(PARTS, max_size=3)},
)


@settings(max_examples=60)
@given(st.lists(st.one_of(ENTITIES, st.none()), max_size=4))
def test_any_erd_is_written(entities: list[Any]) -> None:
    """Nameless, unknown, doubled, of the wrong type: it is read leniently and the text parses."""
    project = project_of({"entities": entities})
    for number, (kind, style) in enumerate(EVERY):
        assert ast.parse(style(planned(kind, project), project, look_of(number))) is not None


def test_reading_is_lenient() -> None:
    """Defaults where something is left out, words in other forms, entities once."""
    read = project_of({
        "entities": [entity("order line", [field("Unit Price", "money"), {"type": "text"}],
                            [relation("", "many-to-many", "Product"), relation("x", "odd", "")]),
                     entity("Order"), entity("Order", [field("a")]), {}, 3],
    })  # fmt: skip
    assert [one.name for one in read.entities] == ["OrderLine", "Order"]
    line = read.entities[0]
    assert [(f.name, f.type, f.max_length) for f in line.fields] == [("unit_price", "string", 255)]
    assert [(r.name, r.kind, r.to) for r in line.relations] == [
        ("product", "many_to_many", "Product")
    ]
    assert read.entities[1].names == ("a",)
    assert Project("x", ()).entity("Nobody").names == ()
