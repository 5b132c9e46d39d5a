"""A generated Django project: set up from its files, checked, migrated, its models looked at."""

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
_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DJANGO_SECRET_KEY": "only-in-the-sandbox",
    "DJANGO_DEBUG": "0",
    "DJANGO_ALLOWED_HOSTS": HOST,
}


def check() -> list[dict[str, Any]]:
    """Set the project up, import its addresses, and run Django's own checks: what they say.

    The worst first, then by id: Django has them in the order of a set, which differs by process.
    """
    database.use("project.db")
    Path("project.db").write_bytes(base_database())
    os.environ.update(_ENVIRONMENT)
    import django  # noqa: PLC0415  only a project needs it
    from django.core import checks  # noqa: PLC0415

    django.setup()
    said = [
        {"level": int(one.level), "id": str(one.id), "about": _named(one.obj), "text": str(one.msg)}
        for one in checks.run_checks()
    ]
    return sorted(said, key=lambda one: (-one["level"], one["id"], one["about"], one["text"]))


def migrations() -> dict[str, Any]:
    """Let Django write the migrations: their files, and what it would write when asked again.

    The models are imported anew for the second time, as by a second command.
    """
    from django.core.management import call_command  # noqa: PLC0415  as above

    call_command("makemigrations", APP, include_header=False, interactive=False, verbosity=0)
    importlib.invalidate_caches()
    made = sorted(path.name for path in Path(APP, "migrations").glob("0*.py"))
    with _models_anew():
        return {"made": made, "changes": _changes()}


def migrate() -> None:
    """Bring the database up to date."""
    from django.core.management import call_command  # noqa: PLC0415  as above

    call_command("migrate", interactive=False, verbosity=0)


def models() -> list[dict[str, Any]]:
    """The models of the application: tables, the tables of many-to-many, ordering."""
    from django.apps import apps  # noqa: PLC0415  as above
    from django.db.models import Model  # noqa: PLC0415

    return [
        {
            "name": model.__name__,
            "table": model._meta.db_table,
            "links": {
                one.name: {
                    "table": one.m2m_db_table(),
                    "own": one.m2m_column_name(),
                    "other": one.m2m_reverse_name(),
                    "through": None
                    if one.remote_field.through._meta.auto_created
                    else one.remote_field.through.__name__,
                }
                for one in model._meta.many_to_many
            },
            "ordering": [str(one) for one in model._meta.ordering],
            "is_told": model.__str__ is not Model.__str__,
        }
        for model in apps.get_app_config(APP).get_models()
    ]


def refused(model: str, values: dict[str, Any]) -> dict[str, list[str]]:
    """What `full_clean` of a row with these values says, by field."""
    from django.apps import apps  # noqa: PLC0415  as above
    from django.core.exceptions import ValidationError  # noqa: PLC0415

    try:
        apps.get_model(APP, model)(**values).full_clean(validate_unique=False)
    except ValidationError as error:
        return {name: list(map(str, told)) for name, told in error.message_dict.items()}
    return {}


def words(model: str, id: int) -> str:  # noqa: A002  as the column is called
    """A stored row in words, as `str` tells it."""
    from django.apps import apps  # noqa: PLC0415  as above

    return str(apps.get_model(APP, model)._default_manager.get(pk=id))


def addresses(sample: str) -> list[str]:
    """Every address of the project, with a sample for what varies (`json` for a format)."""
    from django.urls import get_resolver  # noqa: PLC0415  as above

    return sorted(set(_addresses(get_resolver(), "/", sample)))


def _addresses(resolver: Any, before: str, sample: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        address = before + _address(one.pattern, sample)
        if hasattr(one, "url_patterns"):
            yield from _addresses(one, address, sample)
        else:
            yield address


def _address(pattern: Any, sample: str) -> str:
    from django.urls.resolvers import RoutePattern  # noqa: PLC0415  as above
    from django.utils.regex_helper import normalize  # noqa: PLC0415

    if isinstance(pattern, RoutePattern):
        named = pattern.converters
        return re.sub(
            r"<(?:[^>:]*:)?([^>]*)>", lambda found: _fitting(named[found[1]], sample), str(pattern)
        )
    # What the first way through a regular expression says.
    text, names = normalize(str(pattern))[0]
    filled: str = text % {name: "json" if name == "format" else sample for name in names}
    return filled


def _fitting(converter: Any, sample: str) -> str:
    """The sample, or what is taken in its place: a UUID, or the form of an answer."""
    others = (str(uuid.UUID(int=0)), ".json")
    return next((one for one in (sample, *others) if re.fullmatch(converter.regex, one)), sample)


def _named(what: object) -> str:
    """A model, a field or whatever a check is about."""
    meta = getattr(what, "_meta", None)
    return str(getattr(meta, "object_name", None) or what or "")


@contextlib.contextmanager
def _models_anew() -> Iterator[None]:
    """The application's models, imported a second time; afterwards the first ones are back."""
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
    """What makemigrations would write now."""
    from django.apps import apps  # noqa: PLC0415  as above
    from django.db.migrations.autodetector import MigrationAutodetector  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415
    from django.db.migrations.state import ProjectState  # noqa: PLC0415

    loader = MigrationLoader(None, ignore_no_migrations=True)
    found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    return [
        operation.describe()
        for migrations in found.changes(graph=loader.graph).values()
        for migration in migrations
        for operation in migration.operations
    ]
