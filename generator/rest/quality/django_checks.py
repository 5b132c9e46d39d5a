"""Django's own checks on the models that a file declares; nothing of the file is run."""

import ast
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from generator.memo import kept
from generator.rest.quality.declared import APP, Declared


def faults(text: str) -> tuple[str, ...]:
    """What Django has against the models of a file that parses, each with its line.

    What Django says about a part of which something only shows when the file runs is not told.
    """
    return tuple(json.loads(kept(_name(), text, _faults)))


@cache  # reading a version takes a millisecond
def _name() -> str:
    return f"django-checks-{version('django')}"


def _faults(text: str) -> str:
    import django  # noqa: PLC0415  only what assesses models needs it
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    if not settings.configured:  # a program with settings of its own keeps them
        key = "django.db.models.BigAutoField"
        settings.configure(DEFAULT_AUTO_FIELD=key, LOGGING_CONFIG=None, USE_TZ=True)
    if not apps.ready:
        django.setup(set_prefix=False)
    return json.dumps(list(dict.fromkeys(_told(Declared(ast.parse(text))))))


def _told(declared: Declared) -> Iterator[str]:
    from django.core.checks import ERROR  # noqa: PLC0415

    yield from declared.refused
    for model, line in declared.models.items():
        try:
            found = [] if model._meta.abstract else model.check()
        except Exception as error:  # an option of a kind that Django does not expect
            yield f"line {line}: {model.__name__}: {error}"
            continue
        for one in found:
            if one.level >= ERROR and not _in_doubt(one, declared):
                part = one.obj
                name = part.__name__ if isinstance(part, type) else f"{model.__name__}.{part.name}"
                at = declared.models.get(part, getattr(part, "line", line))
                yield f"line {at}: {name}: {one.msg}"


def _in_doubt(found: Any, declared: Declared) -> bool:
    """Whether the file, or another one, may have what Django does not find."""
    part = found.obj
    if part in declared.partial or getattr(part, "left_out", False):
        return True
    to = getattr(getattr(part, "remote_field", None), "model", None)
    if found.id not in ("fields.E300", "fields.E307") or not isinstance(to, str):
        return False
    app, _, name = to.rpartition(".")
    return app not in ("", APP) or name in declared.unread
