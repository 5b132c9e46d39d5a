"""The JSON Schema of an ERD, generated from the models and published in this folder."""

import json
from importlib import resources

from flagbench_generators.django_rest.erd.erd import Erd

FILE = "erd.schema.json"


def schema() -> str:
    """Read the published JSON Schema, draft 2020-12."""
    return (
        resources.files("flagbench_generators.django_rest.erd")
        .joinpath(FILE)
        .read_text(encoding="utf-8")
    )


def generate() -> str:
    """Generate the JSON Schema from the models; a test compares the published file with it.

    A schema cannot express checks across entities (targets, cycles, name clashes), which
    `flagbench_generators.django_rest.erd.read` reports.
    """
    document = Erd.model_json_schema()
    for definition in (document, *document["$defs"].values()):
        for property_ in definition["properties"].values():
            property_.pop("title", None)  # repeats the key
    document["properties"] = {
        "$schema": {"type": "string", "description": "The location of this schema, for editors."},
        **document["properties"],
    }
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": FILE,
        "title": document.pop("title"),
        "description": document.pop("description"),
    }
    return json.dumps({**head, **document}, indent=2, ensure_ascii=False) + "\n"
