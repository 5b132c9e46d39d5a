"""Django's system checks of the models of a file, which is not run."""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flagbench_generators.django_rest.quality.declared import MAX_CHARACTERS, DeclaredModels
from flagbench_generators.kernel.disk_memo import memoise

# Checks that concern a field alone, independent of the rest of the file.
_OF_A_FIELD = re.compile(r"fields\.E(00[1-9]|01\d|1\d\d|32[01])")
# A library missing on this machine, not an error of the file.
_OF_THIS_MACHINE = ("fields.E210",)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def find_problems(text: str) -> tuple[str, ...]:
    """Find the errors of Django's checks in the models of a file that parses, with their lines.

    If parts of the file are known only at run time, only errors of single fields are reported.
    """
    return tuple(json.loads(memoise(_version(), text, _find_problems)))


@cache  # neither the version nor these sources change while a process runs
def _version() -> str:
    sources = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    digest = hashlib.sha256(b"".join(sources)).hexdigest()
    return f"django-checks-{version('django')}-{digest[:16]}"


def _find_problems(text: str) -> str:
    import django  # noqa: PLC0415  only what assesses models needs it
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    if not settings.configured:  # a program with other settings keeps them
        key = "django.db.models.BigAutoField"
        settings.configure(DEFAULT_AUTO_FIELD=key, LOGGING_CONFIG=None, USE_TZ=True)
    if not apps.ready:
        django.setup(set_prefix=False)
    try:
        problems = list(dict.fromkeys(_problems(DeclaredModels(ast.parse(text)))))
    except RecursionError:  # nested too deep
        problems = []
    plain = [
        _ADDRESS.sub("", problem).encode("utf-8", "backslashreplace").decode()
        for problem in problems
    ]
    return json.dumps(plain)


def _problems(declared: DeclaredModels) -> Iterator[str]:
    from django.core.checks import ERROR  # noqa: PLC0415

    yield from declared.errors
    is_complete = declared.is_complete and not declared.errors
    for model, line in declared.models.items():
        try:
            messages = [] if model._meta.abstract else model.check()
        except Exception as error:  # a value that Django does not expect, or a missing name
            if is_complete:
                yield f"line {line}: {model.__name__}: {str(error)[:MAX_CHARACTERS]}"
            continue
        for message in messages:
            part = message.obj
            is_local = _OF_A_FIELD.fullmatch(message.id or "") and not getattr(
                part, "left_out", True
            )
            is_error = message.level >= ERROR and message.id not in _OF_THIS_MACHINE
            if is_error and (is_complete or is_local):
                name = getattr(part, "__name__", f"{model.__name__}.{getattr(part, 'name', '')}")
                at = declared.models.get(part, getattr(part, "line", line))
                yield f"line {at}: {name}: {message.msg}"
