"""Expressions of declarations, evaluated without running the file they stand in.

Literals, names that the file gave such values, and the classes that models are declared with are
known. A function is known to be one, and is never called. Everything else is `Unknown`: a text that
nobody has approved is read, and never run.
"""

import ast
import builtins
import datetime
import decimal
import importlib
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

# What a file of models imports to declare them. Importing these runs nothing of the file's.
_MODULES = frozenset({
    "datetime", "decimal", "uuid",
    "django.core.validators", "django.db", "django.db.models", "django.db.models.functions",
    "django.utils", "django.utils.timezone",
})  # fmt: skip
_VALUES = (
    decimal.Decimal, datetime.date, datetime.datetime, datetime.time, datetime.timedelta, uuid.UUID,
)  # fmt: skip
_BUILTINS = ("bool", "dict", "float", "int", "list", "str")
_ON_DELETE = ("CASCADE", "PROTECT", "SET_NULL", "SET_DEFAULT", "DO_NOTHING", "RESTRICT")
_OF_CHOICES = ("choices", "labels", "values", "names")
# A decimal of more digits than these takes long to be made an integer of.
_MOST_DIGITS = 1000

Scope = dict[str, Any]


class Unknown(Exception):  # noqa: N818  an expression may be right and unknown
    """What an expression is worth only shows when the file runs."""


def a_function(*_: object, **__: object) -> None:
    """Stands for any function: it may be a default, and Django calls none in its checks."""


def imported(node: ast.Import | ast.ImportFrom) -> Scope:
    """What a line imports from the modules of declarations."""
    names: Scope = {}
    for one in node.names:
        try:
            if isinstance(node, ast.ImportFrom):
                if node.module in _MODULES and node.level == 0:
                    names[one.asname or one.name] = _of_module(_module(node.module), one.name)
            elif one.name in _MODULES and (one.asname or "." not in one.name):
                names[one.asname or one.name] = _module(one.name)
        except (Unknown, AttributeError):
            continue
    return names


def assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The name that a plain assignment gives a value; nothing for any other statement."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=given):
            yield name, given
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as given):
            yield name, given


def value(node: ast.expr | None, scope: Mapping[str, Any]) -> Any:  # noqa: PLR0911  one a form
    """What an expression is worth.

    Raises `Unknown`, `AttributeError` for a name that a module does not have, and whatever a
    declaration's class has against its arguments.
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.Name(id=name) if name in scope or name in _BUILTINS:
            return scope[name] if name in scope else getattr(builtins, name)
        case ast.Attribute(value=of, attr=name) if not name.startswith("_"):
            return _attribute(value(of, scope), name)
        case ast.List(elts=parts) | ast.Set(elts=parts):
            return [value(one, scope) for one in parts]
        case ast.Tuple(elts=parts):
            return tuple(value(one, scope) for one in parts)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {value(key, scope): value(one, scope) for key, one in pairs}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Call(func=func, args=args, keywords=named):
            declares = value(func, scope)
            if not _declares(declares) or not all(one.arg for one in named):
                raise Unknown
            keywords = {str(one.arg): value(one.value, scope) for one in named}
            return _small(declares(*[value(one, scope) for one in args], **keywords))
    raise Unknown


def _small(made: Any) -> Any:
    if isinstance(made, decimal.Decimal) and not abs(made.adjusted()) < _MOST_DIGITS:
        raise Unknown
    return made


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def _attribute(of: Any, name: str) -> Any:
    from django.db.models import Choices  # noqa: PLC0415  only what assesses models needs Django

    if isinstance(of, ModuleType):
        return _of_module(of, name)
    if isinstance(of, type) and issubclass(of, Choices):
        if name in (*_OF_CHOICES, *getattr(of, "names", ())):
            return getattr(of, name)
    elif of in _VALUES and callable(getattr(of, name, None)):
        return getattr(of, name) if name == "fromisoformat" else a_function
    raise Unknown


def _of_module(module: ModuleType, name: str) -> Any:
    """What a module has under a name, if it is of use in declarations; no function of its own."""
    if name.startswith("_"):
        raise Unknown
    if f"{module.__name__}.{name}" in _MODULES:
        return _module(f"{module.__name__}.{name}")
    found = getattr(module, name)
    if isinstance(found, ModuleType):
        if found.__name__ in _MODULES:
            return found
    elif isinstance(found, type):
        if found in _classes() or found in _VALUES:
            return found
    elif name in _ON_DELETE and module.__name__ == "django.db.models":
        return found
    elif callable(found):
        return a_function
    elif isinstance(found, str | int | float):
        return found
    raise Unknown


def _declares(called: object) -> bool:
    """Whether a call makes a part of a declaration, and does nothing else."""
    if isinstance(called, type):
        return called in _VALUES or called in _classes()
    return getattr(called, "__name__", "") == "fromisoformat"


@cache
def _classes() -> frozenset[type]:
    """Models, choices, fields, constraints, indexes, conditions, managers and validators."""
    from django.core import validators  # noqa: PLC0415
    from django.db import models  # noqa: PLC0415

    bases = (models.Field, models.Index, models.BaseConstraint, models.Q, models.F, models.Manager)
    named = [one for one in vars(models).values() if isinstance(one, type)]
    checking = {
        one
        for name, one in vars(validators).items()
        if isinstance(one, type) and name.endswith("Validator")
    }
    declaring = {one for one in named if issubclass(one, bases)} | checking
    return frozenset({*declaring, models.Model, models.TextChoices, models.IntegerChoices})
