"""Evaluation of the expressions of declarations, without running their file.

Literals, names bound to such values, and the classes used to declare models are evaluated. A
function is represented by a placeholder and never called. Everything else is `Unknown`, since an
unapproved text must not be run.
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

# Modules used to declare models. Importing them runs no code of the file.
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
_CHOICES_ATTRIBUTES = ("choices", "labels", "values", "names")
# A decimal with more digits takes long to convert to an integer.
_MAX_DIGITS = 1000

Scope = dict[str, Any]


class Unknown(Exception):  # noqa: N818  an expression may be correct and unknown
    """An expression whose value is known only at run time."""


def any_function(*_: object, **__: object) -> None:
    """Do nothing: the placeholder of any function, since Django's checks call none."""


def read_import(node: ast.Import | ast.ImportFrom) -> Scope:
    """Return the names of an import from the modules of declarations."""
    names: Scope = {}
    for alias in node.names:
        try:
            if isinstance(node, ast.ImportFrom):
                if node.module in _MODULES and node.level == 0:
                    names[alias.asname or alias.name] = _of_module(_module(node.module), alias.name)
            elif alias.name in _MODULES and (alias.asname or "." not in alias.name):
                names[alias.asname or alias.name] = _module(alias.name)
        except (Unknown, AttributeError):
            continue
    return names


def assignments(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Yield the name and value of a plain assignment; nothing for other statements."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=expression):
            yield name, expression
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as expression):
            yield name, expression


def evaluate(node: ast.expr | None, scope: Mapping[str, Any]) -> Any:  # noqa: PLR0911  one return for each form
    """Return the value of an expression.

    Raises `Unknown`, `AttributeError` for a name that a module does not have, and the errors of a
    declaration's class for its arguments.
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.Name(id=name) if name in scope or name in _BUILTINS:
            return scope[name] if name in scope else getattr(builtins, name)
        case ast.Attribute(value=of, attr=name) if not name.startswith("_"):
            return _attribute(evaluate(of, scope), name)
        case ast.List(elts=parts) | ast.Set(elts=parts):
            return [evaluate(part, scope) for part in parts]
        case ast.Tuple(elts=parts):
            return tuple(evaluate(part, scope) for part in parts)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {evaluate(key, scope): evaluate(element, scope) for key, element in pairs}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Call(func=func, args=args, keywords=named):
            declares = evaluate(func, scope)
            if not _is_declaration(declares) or not all(keyword.arg for keyword in named):
                raise Unknown
            keywords = {str(keyword.arg): evaluate(keyword.value, scope) for keyword in named}
            return _check_size(
                declares(*[evaluate(argument, scope) for argument in args], **keywords)
            )
    raise Unknown


def _check_size(result: Any) -> Any:
    if isinstance(result, decimal.Decimal) and not abs(result.adjusted()) < _MAX_DIGITS:
        raise Unknown
    return result


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def _attribute(of: Any, name: str) -> Any:
    from django.db.models import Choices  # noqa: PLC0415  only what assesses models needs Django

    if isinstance(of, ModuleType):
        return _of_module(of, name)
    if isinstance(of, type) and issubclass(of, Choices):
        if name in (*_CHOICES_ATTRIBUTES, *getattr(of, "names", ())):
            return getattr(of, name)
    elif of in _VALUES and callable(getattr(of, name, None)):
        return getattr(of, name) if name == "fromisoformat" else any_function
    raise Unknown


def _of_module(module: ModuleType, name: str) -> Any:
    """Return an attribute of a module that declarations use; a placeholder for functions."""
    if name.startswith("_"):
        raise Unknown
    if f"{module.__name__}.{name}" in _MODULES:
        return _module(f"{module.__name__}.{name}")
    attribute = getattr(module, name)
    if isinstance(attribute, ModuleType):
        if attribute.__name__ in _MODULES:
            return attribute
    elif isinstance(attribute, type):
        if attribute in _classes() or attribute in _VALUES:
            return attribute
    elif name in _ON_DELETE and module.__name__ == "django.db.models":
        return attribute
    elif callable(attribute):
        return any_function
    elif isinstance(attribute, str | int | float):
        return attribute
    raise Unknown


def _is_declaration(called: object) -> bool:
    """Return whether a call only builds a part of a declaration."""
    if isinstance(called, type):
        return called in _VALUES or called in _classes()
    return getattr(called, "__name__", "") == "fromisoformat"


@cache
def _classes() -> frozenset[type]:
    """Collect the classes of models, choices, fields, constraints, indexes and validators."""
    from django.core import validators  # noqa: PLC0415
    from django.db import models  # noqa: PLC0415

    bases = (models.Field, models.Index, models.BaseConstraint, models.Q, models.F, models.Manager)
    named = [class_ for class_ in vars(models).values() if isinstance(class_, type)]
    checking = {
        class_
        for name, class_ in vars(validators).items()
        if isinstance(class_, type) and name.endswith("Validator")
    }
    declaring = {class_ for class_ in named if issubclass(class_, bases)} | checking
    return frozenset({*declaring, models.Model, models.TextChoices, models.IntegerChoices})
