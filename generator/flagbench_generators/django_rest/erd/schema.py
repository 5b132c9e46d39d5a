"""The JSON Schema of an ERD, made from the models and published as a file beside this one."""

import json
from importlib import resources

from flagbench_generators.django_rest.erd.erd import Erd

FILE = "erd.schema.json"


def schema() -> str:
    """The published JSON Schema, draft 2020-12."""
    return (
        resources.files("flagbench_generators.django_rest.erd")
        .joinpath(FILE)
        .read_text(encoding="utf-8")
    )


def made() -> str:
    """The JSON Schema that the models make; a test holds the published file against it.

    What entities ask of each other (targets, circles, clashes of names) no schema can say; that is
    told by `flagbench_generators.django_rest.erd.read`.
    """
    document = Erd.model_json_schema()
    for one in (document, *document["$defs"].values()):
        for described in one["properties"].values():
            described.pop("title", None)  # the key in other words
    document["properties"] = {
        "$schema": {"type": "string", "description": "Where an editor finds this schema."},
        **document["properties"],
    }
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": FILE,
        "title": document.pop("title"),
        "description": document.pop("description"),
    }
    return json.dumps({**head, **document}, indent=2, ensure_ascii=False) + "\n"
