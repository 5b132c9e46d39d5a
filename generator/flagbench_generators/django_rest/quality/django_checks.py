"""Django's own checks on the models that a file declares; nothing of the file is run."""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flagbench_generators.django_rest.quality.declared import MOST_CHARACTERS, Declared
from flagbench_generators.kernel.disk_memo import memoised

# What is wrong with a field by itself, whatever else the file has.
_OF_A_FIELD = re.compile(r"fields\.E(00[1-9]|01\d|1\d\d|32[01])")
# That a library is missing here, not that the file is wrong.
_OF_THIS_MACHINE = ("fields.E210",)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def faults(text: str) -> tuple[str, ...]:
    """What Django has against the models of a file that parses, each with its line.

    Where something only shows when the file runs, only what is wrong with a field by itself is
    told.
    """
    return tuple(json.loads(memoised(_name(), text, _faults)))


@cache  # neither the version nor these sources change while a process runs
def _name() -> str:
    sources = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    digest = hashlib.sha256(b"".join(sources)).hexdigest()
    return f"django-checks-{version('django')}-{digest[:16]}"


def _faults(text: str) -> str:
    import django  # noqa: PLC0415  only what assesses models needs it
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    if not settings.configured:  # a program with settings of its own keeps them
        key = "django.db.models.BigAutoField"
        settings.configure(DEFAULT_AUTO_FIELD=key, LOGGING_CONFIG=None, USE_TZ=True)
    if not apps.ready:
        django.setup(set_prefix=False)
    try:
        told = list(dict.fromkeys(_told(Declared(ast.parse(text)))))
    except RecursionError:  # nested too deep to be read
        told = []
    plain = [_ADDRESS.sub("", one).encode("utf-8", "backslashreplace").decode() for one in told]
    return json.dumps(plain)


def _told(declared: Declared) -> Iterator[str]:
    from django.core.checks import ERROR  # noqa: PLC0415

    yield from declared.refused
    is_whole = declared.is_whole and not declared.refused
    for model, line in declared.models.items():
        try:
            found = [] if model._meta.abstract else model.check()
        except Exception as error:  # what Django does not expect, or a name that is not there
            if is_whole:
                yield f"line {line}: {model.__name__}: {str(error)[:MOST_CHARACTERS]}"
            continue
        for one in found:
            part = one.obj
            of_itself = _OF_A_FIELD.fullmatch(one.id or "") and not getattr(part, "left_out", True)
            is_ours = one.level >= ERROR and one.id not in _OF_THIS_MACHINE
            if is_ours and (is_whole or of_itself):
                name = getattr(part, "__name__", f"{model.__name__}.{getattr(part, 'name', '')}")
                at = declared.models.get(part, getattr(part, "line", line))
                yield f"line {at}: {name}: {one.msg}"
