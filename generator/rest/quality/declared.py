"""The models that a file declares, made without running it.

They are made in a registry of their own. What only shows when the file runs (a call, a
comprehension) is left out, and the part it is left out of says so.
"""

import ast
from types import ModuleType
from typing import Any

from generator.rest.quality.literal import Scope, Unknown, assigned, imported, value

APP = "api"


class Declared:
    """The models of a file; Django must be set up.

    `models` has each with the line where it is declared, `partial` are those of which something
    only shows when the file runs; a field has both as `line` and `left_out`. `refused` is what
    cannot be made at all, with its line; `unread` are the classes of which it does not show whether
    they are models.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.models: dict[Any, int] = {}
        self.partial: set[Any] = set()
        self.refused: list[str] = []
        self.unread: set[str] = set()
        self._registry = _registry()
        scope: Scope = {}
        for statement in tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                scope |= imported(statement)
            elif isinstance(statement, ast.ClassDef):
                self._define(statement, scope)
            self._assign(statement, scope)

    def _define(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.pop(node.name, None)
        made = self._class(node, scope)
        if made is not None:
            scope[node.name] = made

    def _class(self, node: ast.ClassDef, scope: Scope) -> Any:
        """A class that is a model or choices; None for any other."""
        from django.db.models import Choices, Model  # noqa: PLC0415

        bases, left_out = [], False
        for base in node.bases:
            try:
                bases.append(value(base, scope))
            except Unknown:
                left_out = True
            except AttributeError as error:
                self._refuse(base, error)
        bases = [one for one in bases if isinstance(one, type)]
        if any(issubclass(one, Choices) for one in bases):
            return self._choices(node, bases[0], scope)
        parents = tuple(one for one in bases if issubclass(one, Model))
        if not parents:
            self.unread |= {node.name} if left_out else set()
            return None
        return self._model(node, parents, dict(scope), left_out)

    def _choices(self, node: ast.ClassDef, base: Any, scope: Scope) -> Any:
        try:
            members = [(name, value(of, scope)) for one in node.body for name, of in assigned(one)]
            return base(node.name, members)
        except Unknown:
            return None
        except Exception as error:
            self._refuse(node, error)
            return None

    def _model(
        self, node: ast.ClassDef, parents: tuple[Any, ...], scope: Scope, left_out: bool
    ) -> Any:
        from django.db.models import Field, Manager  # noqa: PLC0415

        inherited = getattr(parents[0], "Meta", None)
        options: Scope = {}
        parent = (inherited,) if inherited else ()
        body: Scope = {"__module__": f"{APP}.models"}
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                body[statement.name] = _stand_in(statement)
            elif isinstance(statement, ast.ClassDef) and statement.name == "Meta":
                parent = parent if statement.bases else ()
                left_out |= not self._options(statement, scope, options)
            elif isinstance(statement, ast.ClassDef):
                self._define(statement, scope)
            left_out |= not self._assign(statement, scope)
            parts = [(name, scope.get(name)) for name, _ in assigned(statement)]
            body |= {name: one for name, one in parts if isinstance(one, Field | Manager)}
        options |= {"app_label": APP, "apps": self._registry}
        try:
            model: Any = type(parents[0])(
                node.name, parents, body | {"Meta": type("Meta", parent, options)}
            )
        except Exception as error:
            self._refuse(node, error)
            return None
        if left_out or not self.partial.isdisjoint(parents):
            self.partial.add(model)
        self.models[model] = node.lineno
        return model

    def _options(self, node: ast.ClassDef, scope: Scope, options: Scope) -> bool:
        """Read a class Meta; False where not all of it shows."""
        known = dict(scope)
        shows = [self._assign(statement, known) for statement in node.body]
        for statement in node.body:
            options |= {name: known[name] for name, _ in assigned(statement) if name in known}
        return all(shows)

    def _assign(self, statement: ast.stmt, scope: Scope) -> bool:
        """Give a name its value; False where that only shows when the file runs."""
        for name, expression in assigned(statement):
            scope.pop(name, None)
            try:
                scope[name] = _part(expression, scope)
            except Unknown:
                return False
            except Exception as error:  # so it would be when the file is loaded
                self._refuse(expression, error)
        return True

    def _refuse(self, node: ast.stmt | ast.expr, error: Exception) -> None:
        self.refused.append(f"line {node.lineno}: {error}")


def _registry() -> Any:
    """A registry of models with one application."""
    from django.apps import AppConfig  # noqa: PLC0415
    from django.apps.registry import Apps  # noqa: PLC0415

    registry = Apps()
    module = ModuleType(APP)
    module.__path__ = [""]
    config = AppConfig(APP, module)
    config.apps, config.models = registry, registry.all_models[APP]
    registry.app_configs[APP] = config
    return registry


def _part(expression: ast.expr, scope: Scope) -> Any:
    """A value; a field is made without what only shows when the file runs. Raises as `value`."""
    from django.db.models import Field  # noqa: PLC0415

    if not isinstance(expression, ast.Call):
        return value(expression, scope)
    declares = value(expression.func, scope)
    if not isinstance(declares, type) or not issubclass(declares, Field):
        return value(expression, scope)
    args = [value(one, scope) for one in expression.args]
    keywords: dict[str, Any] = {}
    left_out = False
    for keyword in expression.keywords:
        try:
            keywords[str(keyword.arg)] = value(keyword.value, scope)
        except Unknown:
            left_out = True
    try:
        field: Any = declares(*args, **keywords)
    except Exception as error:
        if left_out:
            raise Unknown from error
        raise
    field.line, field.left_out = expression.lineno, left_out
    return field


def _stand_in(node: ast.FunctionDef) -> Any:
    """Something of the same kind under the name of a method."""
    is_property = any(getattr(one, "id", "") == "property" for one in node.decorator_list)
    return property(_nothing) if is_property else _nothing


def _nothing(_: object) -> None:
    """In the place of a method, which is not run."""
