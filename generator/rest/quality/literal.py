"""Expressions of declarations, evaluated without running the file they stand in.

Literals, names that the file gave such values, and the classes that models are declared with are
known. Everything else is `Unknown`: a text that nobody has approved is read, and never run.
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
_VALUES = (decimal.Decimal, datetime.date, datetime.time, datetime.timedelta, uuid.UUID)
_BUILTINS = ("bool", "dict", "float", "int", "list", "str")

Scope = dict[str, Any]


class Unknown(Exception):  # noqa: N818  an expression may be right and unknown
    """What an expression is worth only shows when the file runs."""


def imported(node: ast.Import | ast.ImportFrom) -> Scope:
    """The names that a line imports from the modules of declarations."""
    names: Scope = {}
    for one in node.names:
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module) if node.module in _MODULES else None
            if module and not one.name.startswith("_") and hasattr(module, one.name):
                names[one.asname or one.name] = getattr(module, one.name)
        elif one.name in _MODULES and (one.asname or "." not in one.name):
            names[one.asname or one.name] = importlib.import_module(one.name)
    return names


def assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement gives a value."""
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
            return declares(*[value(one, scope) for one in args], **keywords)
    raise Unknown


def _attribute(of: Any, name: str) -> Any:
    from django.db.models import Choices  # noqa: PLC0415  only what assesses models needs Django

    if isinstance(of, ModuleType):
        found = getattr(of, name)
        if not isinstance(found, ModuleType) or found.__name__ in _MODULES:
            return found
    elif isinstance(of, type) and (issubclass(of, Choices) or name == "fromisoformat"):
        return getattr(of, name)
    raise Unknown


def _declares(called: object) -> bool:
    """Whether a call makes a part of a declaration, and does nothing else."""
    if isinstance(called, type):
        return issubclass(called, _VALUES) or called in _classes()
    return getattr(called, "__name__", "") == "fromisoformat"


@cache
def _classes() -> frozenset[type]:
    """Fields, constraints, indexes, conditions, managers and validators."""
    from django.core import validators  # noqa: PLC0415
    from django.db import models  # noqa: PLC0415

    bases = (models.Field, models.Index, models.BaseConstraint, models.Q, models.F, models.Manager)
    named = [one for one in vars(models).values() if isinstance(one, type)]
    checking = {one for name, one in vars(validators).items() if name.endswith("Validator")}
    return frozenset({one for one in named if issubclass(one, bases)} | checking)
