"""Snapshot of a repository, generated: Python files of any number, the same for the same seed."""

from functools import lru_cache
from pathlib import Path
from random import Random
from string import Template
from typing import Any

import yaml

_NOUNS = ("user", "order", "invoice", "part", "supplier", "shelf", "shipment", "return_", "price",
          "tax", "plan", "task", "station", "robot", "sensor", "alarm")  # fmt: skip
_MOST_STEPS = 3


@lru_cache(maxsize=1)
def _templates() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("snapshot.yaml").read_text())
    return found


def snapshot(files: int, seed: int) -> dict[str, str]:
    """So many files by path, five for each entity."""
    templates, made = _templates(), dict[str, str]()
    names = list(templates["files"])
    for index in range(files):
        entity, kind = index // len(names), names[index % len(names)]
        name = _name_of(entity)
        draws = Random(f"{seed} {index}")  # noqa: S311  the same files for the same seed
        step = Template(templates["step"])
        values = {
            "name": name, "Name": name.title().replace("_", ""), "count": draws.randint(3, 90),
            "other": _name_of(max(entity - 1, 0)),
            "secret": "changeme" if draws.random() < 0.1 else "",
            "steps": "\n".join(
                step.substitute(number=number)
                for number in range(1, draws.randint(0, _MOST_STEPS) + 1)
            ),
        }  # fmt: skip
        made[f"assembly/{name}/{kind}"] = Template(templates["files"][kind]).substitute(values)
    return made


def _name_of(entity: int) -> str:
    number = entity // len(_NOUNS)
    return f"{_NOUNS[entity % len(_NOUNS)]}{number or ''}"
