"""A generated Django project: set up from its files, checked, migrated, and its models read."""

import contextlib
import importlib
import os
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flagbench.acceptance.probe import database
from flagbench.acceptance.probe.django_base import base_database

APP = "api"
_MODELS = f"{APP}.models"
HOST = "localhost"
# The settings read these.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DJANGO_SECRET_KEY": "k7#v2m-9q_x4w8z1",
    "DJANGO_DEBUG": "0",
    "DJANGO_ALLOWED_HOSTS": HOST,
}


def check() -> list[dict[str, Any]]:
    """Set the project up, import its URLs, and run Django's system checks; their messages.

    Sorted by severity, then by id: Django returns them in the order of a set, which differs by
    process.
    """
    database.use("project.db")
    Path("project.db").write_bytes(base_database())
    os.environ.update(ENVIRONMENT)
    import django  # noqa: PLC0415  only a project needs it
    from django.core import checks  # noqa: PLC0415

    django.setup()
    messages = [
        {
            "level": int(message.level),
            "id": str(message.id),
            "about": _named(message.obj),
            "text": str(message.msg),
        }
        for message in checks.run_checks()
    ]
    return sorted(
        messages,
        key=lambda message: (-message["level"], message["id"], message["about"], message["text"]),
    )


def migrations() -> dict[str, Any]:
    """Run makemigrations; the files it writes, and the changes that a second run would find.

    The models are imported afresh for the second run, as by a separate command.
    """
    from django.core.management import call_command  # noqa: PLC0415  as above

    call_command("makemigrations", APP, include_header=False, interactive=False, verbosity=0)
    importlib.invalidate_caches()
    made = sorted(path.name for path in Path(APP, "migrations").glob("0*.py"))
    with _reloaded_models():
        return {"made": made, "changes": _changes()}


def migrate() -> None:
    """Run the migrations."""
    from django.core.management import call_command  # noqa: PLC0415  as above

    call_command("migrate", interactive=False, verbosity=0)


def models() -> list[dict[str, Any]]:
    """Models of the application: table, join tables of many-to-many, ordering, `__str__`."""
    from django.apps import apps  # noqa: PLC0415  as above
    from django.db.models import Model  # noqa: PLC0415

    return [
        {
            "name": model.__name__,
            "table": model._meta.db_table,
            "join_tables": {
                field.name: {
                    "table": field.m2m_db_table(),
                    "own": field.m2m_column_name(),
                    "other": field.m2m_reverse_name(),
                    "through": None
                    if field.remote_field.through._meta.auto_created
                    else field.remote_field.through.__name__,
                }
                for field in model._meta.many_to_many
            },
            "ordering": [str(term) for term in model._meta.ordering],
            "has_own_str": model.__str__ is not Model.__str__,
        }
        for model in apps.get_app_config(APP).get_models()
    ]


def validation_errors(model: str, values: dict[str, Any]) -> dict[str, list[str]]:
    """Errors of `full_clean` for a row with these values, by field."""
    from django.apps import apps  # noqa: PLC0415  as above
    from django.core.exceptions import ValidationError  # noqa: PLC0415

    try:
        apps.get_model(APP, model)(**values).full_clean(validate_unique=False)
    except ValidationError as error:
        return {name: list(map(str, errors)) for name, errors in error.message_dict.items()}
    return {}


def display(model: str, id: int) -> str:  # noqa: A002  as the column is called
    """`str()` of a stored row."""
    from django.apps import apps  # noqa: PLC0415  as above

    return str(apps.get_model(APP, model)._default_manager.get(pk=id))


def addresses(sample: str) -> list[str]:
    """Every address of the project, with a sample for each parameter (`json` for a format)."""
    from django.urls import get_resolver  # noqa: PLC0415  as above

    return sorted(set(_addresses(get_resolver(), "/", sample)))


def _addresses(resolver: Any, before: str, sample: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = before + _address(pattern.pattern, sample)
        if hasattr(pattern, "url_patterns"):
            yield from _addresses(pattern, address, sample)
        else:
            yield address


def _address(pattern: Any, sample: str) -> str:
    from django.urls.resolvers import RoutePattern  # noqa: PLC0415  as above
    from django.utils.regex_helper import normalize  # noqa: PLC0415

    if isinstance(pattern, RoutePattern):
        named = pattern.converters
        return re.sub(
            r"<(?:[^>:]*:)?([^>]*)>",
            lambda match: _matching(named[match[1]], sample),
            str(pattern),
        )
    # The first alternative of a regular expression.
    text, names = normalize(str(pattern))[0]
    filled: str = text % {name: "json" if name == "format" else sample for name in names}
    return filled


def _matching(converter: Any, sample: str) -> str:
    """Choose a value that the converter matches: the sample, a UUID, or the suffix of a format."""
    candidates = (sample, str(uuid.UUID(int=0)), ".json")
    return next((text for text in candidates if re.fullmatch(converter.regex, text)), sample)


def _named(what: object) -> str:
    """Name of the object of a check: a model, a field or another object."""
    meta = getattr(what, "_meta", None)
    return str(getattr(meta, "object_name", None) or what or "")


@contextlib.contextmanager
def _reloaded_models() -> Iterator[None]:
    """Import the models of the application a second time; restore the first ones at the end."""
    from django.apps import apps  # noqa: PLC0415  as above

    known, package, module = apps.all_models[APP], sys.modules[APP], sys.modules.pop(_MODELS)
    before = dict(known)
    for name, model in before.items():
        if model.__module__ == _MODELS:
            del known[name]
    apps.clear_cache()
    try:
        importlib.import_module(_MODELS)
        apps.clear_cache()
        yield
    finally:
        known.clear()
        known.update(before)
        sys.modules[_MODELS] = module
        package.models = module  # type: ignore[attr-defined]
        apps.clear_cache()


def _changes() -> list[str]:
    """Operations that makemigrations would write now."""
    from django.apps import apps  # noqa: PLC0415  as above
    from django.db.migrations.autodetector import MigrationAutodetector  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415
    from django.db.migrations.state import ProjectState  # noqa: PLC0415

    loader = MigrationLoader(None, ignore_no_migrations=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    return [
        operation.describe()
        for migrations in detector.changes(graph=loader.graph).values()
        for migration in migrations
        for operation in migration.operations
    ]
