"""Projects of the contract with the files that the provider writes, started in a real Django."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flagbench.simulator.django.plan import KINDS, Plan
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project, project_of
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer import STYLES
from flagbench.simulator.rng import Rng

ROOT = Path(__file__).parents[4]
SCAFFOLD = ROOT / "generator" / "flagbench_generators" / "django_rest" / "scaffold"
PROBE = Path(__file__).with_name("django_probe.py")
PATHS = {kind: f"api/{'urls' if kind == 'router' else kind}.py" for kind in KINDS}


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    """One field of an ERD."""
    return {"name": name, "type": kind, **more}


def relation(name: str, kind: str, to: str, **more: Any) -> dict[str, Any]:
    """One relation of an ERD."""
    return {"name": name, "kind": kind, "to": to, **more}


def entity(name: str, fields: Sequence[Any] = (), relations: Sequence[Any] = ()) -> dict[str, Any]:
    """One entity of an ERD."""
    return {"name": name, "fields": list(fields), "relations": list(relations)}


FK, ONE, MANY = "foreign_key", "one_to_one", "many_to_many"
SHOP = {
    "name": "shop",
    "entities": [
        entity(
            "Customer",
            [field("email", "email", unique=True),
             field("status", max_length=20, choices=["new", "paid"], default="new"),
             field("note", "text", null=True), field("joined_at", "datetime")],
            [relation("referred_by", FK, "Customer", null=True, on_delete="set_null")],
        ),
        entity("Product", [field("title", max_length=80),
                           field("price", "decimal", max_digits=8, decimal_places=2)]),
        entity("Order", [field("number", "integer", unique=True)],
               [relation("buyer", FK, "Customer", on_delete="protect"),
                relation("payer", FK, "Customer", null=True),
                relation("products", MANY, "Product", through="OrderLine")]),
        entity("OrderLine", [field("amount", "integer", default=1)],
               [relation("order", FK, "Order"),
                relation("product", FK, "Product", on_delete="protect")]),
        entity("Invoice", [field("due_on", "date", null=True),
                           field("mark", max_length=9, null=True, unique=True)],
               [relation("order", ONE, "Order"), relation("copies", MANY, "Customer")]),
    ],
}  # fmt: skip
"""Everything that a defect needs a place for."""
ODD = {
    "name": "odd-values",
    "entities": [
        entity("Box", [field("status", max_length=3, choices=["A+", "A-", "0-"], null=True),
                       field("size", "integer", choices=[1, -2, 30], default=-2),
                       field("datetime", "datetime", default="2024-01-31T09:30:00Z"),
                       field("uuid", "uuid", default="123e4567-e89b-12d3-a456-426614174000"),
                       field("models", "date", default="2024-01-31"),
                       field("motto", default="it's \"quoted\" and rather long " * 4),
                       field("opens", "time", default="09:30:00"),
                       field("rate", "decimal", max_digits=9, decimal_places=3, default="1.500"),
                       field("share", "float", default=0.5)],
               [relation("inside", FK, "Box", null=True), relation("near", MANY, "Box"),
                relation("kind", FK, "Status"), relation("former_kind", ONE, "Status", null=True)]),
        entity("Status", [field("boxes", "boolean", default=True), field("box", "url")]),
        entity("Class", [field("timezone", "datetime", default="2024-01-31T09:30:00+02:00")]),
    ],
}  # fmt: skip
"""Values and names that are in each other's way."""


def wide(count: int = 30) -> dict[str, Any]:
    """An ERD of so many entities, each with a relation to the one before it."""
    entities = []
    for number in range(count):
        fields = [field("label", max_length=40, unique=True), field("weight", "float", null=True)]
        before = [relation("before", FK, f"Part{number - 1}", on_delete="protect")]
        entities.append(entity(f"Part{number}", fields, before if number else []))
    return {"name": "wide", "entities": entities}


def shop() -> Project:
    """The shop as the provider reads it."""
    return project_of(SHOP)


def look_of(number: int) -> CodeStyle:
    """A look that is another for another number."""
    return CodeStyle.draw(Rng.of(0, {"look": number}, 1, 1))


def written(project: Project, style: int, **plans: Plan) -> dict[str, str]:
    """The five files in a style, clean but for the plans that are given."""
    look = look_of(style)
    return {
        kind: STYLES[kind][style](plans.get(kind, planned(kind, project)), project, look)
        for kind in KINDS
    }


def proved(folder: Path, projects: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Start each project; the answer says what failed: {stage: why}, empty for a sound one."""
    folders = []
    for number, files in enumerate(projects):
        place = folder / str(number)
        shutil.copytree(SCAFFOLD, place)
        for kind, text in files.items():
            (place / PATHS[kind]).write_text(text, encoding="utf-8")
        folders.append(str(place))
    command = [sys.executable, str(PROBE), *folders]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]
