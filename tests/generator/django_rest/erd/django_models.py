"""Run by a test: builds Django's models from ERDs and writes what Django's checks say of each.

Reads a JSON list of canonical ERDs from standard input and writes a JSON list of lists of texts.
"""

import json
import sys
from pathlib import Path
from types import ModuleType

import django
from django.conf import settings
from django.core import checks
from django.db import connection, models
from django.test.utils import isolate_apps

from flagbench_generators.django_rest.erd import Entity, Erd, Field, Relation, read

FIELDS = {
    "string": models.CharField, "text": models.TextField, "integer": models.IntegerField,
    "decimal": models.DecimalField, "float": models.FloatField, "boolean": models.BooleanField,
    "date": models.DateField, "datetime": models.DateTimeField, "time": models.TimeField,
    "email": models.EmailField, "url": models.URLField, "uuid": models.UUIDField,
}  # fmt: skip
ON_DELETE = {"cascade": models.CASCADE, "protect": models.PROTECT, "set_null": models.SET_NULL}
KINDS = {"foreign_key": models.ForeignKey, "one_to_one": models.OneToOneField}


def field_of(field: Field) -> models.Field:
    """A column."""
    options = {"null": field.null, "unique": field.unique}
    if field.length:
        options["max_length"] = field.length
    if field.type == "decimal":
        options |= {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
    if field.choices:
        options["choices"] = [(one, str(one)) for one in field.choices]
    if field.has_default:
        options["default"] = field.default
    return FIELDS[field.type](**options)


def relation_of(erd: Erd, entity: Entity, relation: Relation) -> models.Field:
    """A relation, by the name that its other side has."""
    to = f"shown.{relation.to}"
    options = {"related_name": erd.related_name(entity, relation)}
    if relation.is_many:
        if relation.through:
            options["through"] = f"shown.{relation.through}"
        if relation.to == entity.name:
            options["symmetrical"] = False
        return models.ManyToManyField(to, **options)
    return KINDS[relation.kind](
        to, null=relation.null, on_delete=ON_DELETE[relation.on_delete], **options
    )


def told(erd: Erd) -> list[str]:
    """What Django's checks say of the models of an ERD."""
    with isolate_apps("shown") as registry:
        made = []
        for entity in erd.entities:
            meta = type("Meta", (), {"app_label": "shown", "apps": registry})
            parts = {one.name: field_of(one) for one in entity.fields}
            parts |= {one.name: relation_of(erd, entity, one) for one in entity.relations}
            body = {"__module__": "shown", "Meta": meta, **parts}
            made.append(type(entity.name, (models.Model,), body))
        found = [one for model in made for one in model.check(databases=["default"])]
        with connection.schema_editor() as editor:
            for model in made:
                editor.create_model(model)
        with connection.schema_editor() as editor:
            for model in reversed(made):
                editor.delete_model(model)
    return [str(one) for one in found if one.level >= checks.WARNING]


def main() -> None:
    """Answer on standard output."""
    app = ModuleType("shown")  # an app without files
    app.__path__ = [str(Path(__file__).resolve().parent)]
    sys.modules["shown"] = app
    settings.configure(
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        USE_TZ=True,
    )
    django.setup()
    sys.stdout.write(json.dumps([told(read(text)) for text in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
