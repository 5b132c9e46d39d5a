"""The models that a file declares, made without running it.

They are made in a registry of their own. What only shows when the file runs (a call, a
comprehension) is left out, and the part it is left out of says so.
"""

import ast
from types import ModuleType
from typing import Any

from flagbench_generators.django_rest.quality.literal import (
    Scope,
    Unknown,
    a_function,
    assigned,
    imported,
    value,
)

APP = "api"
# Django calls a function that is given for one of these.
_CALLED = ("storage", "choices", "limit_choices_to")
# What a part of another application, or of the program, depends on.
_NOT_READ = ("swappable", "apps", "app_label")
# Of what an exception says: it may show a whole value.
MOST_CHARACTERS = 300


class Declared:
    """The models of a file; Django must be set up.

    `models` has each with the line where it is declared. A field has that as `line`, and is
    `left_out` where something of it only shows when the file runs: both go with it to the models
    that inherit it. `is_whole` says that nothing of the file was left out and that it needs no
    other, `refused` what cannot be made at all, with its line.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.models: dict[Any, int] = {}
        self.refused: list[str] = []
        self.is_whole = True
        self._registry = _registry()
        scope: Scope = {}
        for statement in tree.body:
            self._read(statement, scope)

    def _read(self, statement: ast.stmt, scope: Scope) -> None:
        """A statement of the file, or of a class: what it binds is bound anew, or no more."""
        match statement:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                if any(alias.name == "*" for alias in names):
                    scope.clear()  # whatever it was, it may be another now
                for alias in names:
                    scope.pop(alias.asname or alias.name.partition(".")[0], None)
                scope |= imported(statement)
                # Models may come from there.
                own = isinstance(statement, ast.ImportFrom) and statement.level > 0
                self.is_whole &= not own and all(alias.name != "*" for alias in names)
            case ast.ClassDef(name=name):
                made = self._class(statement, scope)
                scope.pop(name, None)
                if made is not None:
                    scope[name] = made
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                scope[name] = a_function
            case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
                for name, expression in assigned(statement):
                    self._give(name, expression, scope)
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                self.is_whole = False
                for one in ast.walk(statement):
                    if isinstance(one, ast.Name):
                        scope.pop(one.id, None)

    def _give(self, name: str, expression: ast.expr, scope: Scope) -> None:
        scope.pop(name, None)
        try:
            scope[name] = self._part(expression, scope)
        except (Unknown, RecursionError):
            self.is_whole = False
        except Exception as error:  # so it would be when the file is loaded
            self._refuse(expression, error)

    def _class(self, node: ast.ClassDef, scope: Scope) -> Any:
        """A class that is a model or choices; None for any other, which may be either."""
        from django.db.models import Choices, Model  # noqa: PLC0415

        bases: list[Any] = []
        # A metaclass or a decorator may add anything.
        self.is_whole &= not node.keywords and not node.decorator_list
        for base in node.bases:
            try:
                bases.append(value(base, scope))
            except Exception:
                self.is_whole = False
        if len(bases) == 1 and isinstance(bases[0], type) and issubclass(bases[0], Choices):
            return self._choices(node, bases[0], scope)
        parents = tuple(one for one in bases if isinstance(one, type) and issubclass(one, Model))
        if parents and len(parents) == len(bases) == len(node.bases):
            return self._model(node, parents, dict(scope))
        self.is_whole &= not node.bases
        return None

    def _choices(self, node: ast.ClassDef, base: Any, scope: Scope) -> Any:
        try:
            members = [(name, value(of, scope)) for one in node.body for name, of in assigned(one)]
            return base(node.name, members)
        except Unknown:
            self.is_whole = False
        except Exception as error:
            self._refuse(node, error)
        return None

    def _model(self, node: ast.ClassDef, parents: tuple[Any, ...], scope: Scope) -> Any:
        from django.db.models import Field, Manager  # noqa: PLC0415

        inherited = getattr(parents[0], "Meta", None)
        options, parent = Scope(), (inherited,) if inherited else ()
        body: Scope = {"__module__": f"{APP}.models"}
        for statement in node.body:
            if isinstance(statement, ast.ClassDef) and statement.name == "Meta":
                parent = self._parent_of_meta(statement, inherited, scope)
                options = self._options(statement, scope)
                continue
            self._read(statement, scope)
            if isinstance(statement, ast.FunctionDef) and _is_property(statement):
                body[statement.name] = property(a_function)
            for name, _ in assigned(statement):
                one = scope.get(name, a_function)
                body |= {name: one} if one is None or isinstance(one, Field | Manager) else {}
        options |= {"app_label": APP, "apps": self._registry}
        made_of = body | {"Meta": type("Meta", parent, options)}
        try:
            model: Any = type(parents[0])(node.name, parents, made_of)
        except Exception as error:
            if self.is_whole:
                self._refuse(node, error)
            return None
        self.models[model] = node.lineno
        return model

    def _parent_of_meta(self, node: ast.ClassDef, inherited: Any, scope: Scope) -> tuple[Any, ...]:
        """What a class Meta inherits from: nothing, or the Meta of the model's first base."""
        if not node.bases:
            return ()
        match node.bases:
            case [ast.Attribute(value=ast.Name(id=name), attr="Meta")]:
                if inherited is not None and getattr(scope.get(name), "Meta", None) is inherited:
                    return (inherited,)
        self.is_whole = False
        return ()

    def _options(self, node: ast.ClassDef, scope: Scope) -> Scope:
        """What a class Meta says, as far as that shows."""
        known, named = dict(scope), []
        for statement in node.body:
            self._read(statement, known)
            named += [name for name, _ in assigned(statement)]
        self.is_whole &= not any(name in _NOT_READ for name in named)
        return {name: known[name] for name in named if name in known and name not in _NOT_READ}

    def _part(self, expression: ast.expr, scope: Scope) -> Any:
        """A value; a field is made of what shows without running the file. Raises as `value`."""
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
                given = value(keyword.value, scope)
            except Unknown:
                left_out = True
                continue
            keywords |= {keyword.arg: given} if keyword.arg else given
        for name in _CALLED:
            if callable(keywords.get(name)) and not hasattr(keywords[name], "choices"):
                del keywords[name]
                left_out = True
        self.is_whole &= not left_out
        try:
            field: Any = declares(*args, **keywords)
        except Exception as error:
            if left_out:
                raise Unknown from error
            raise
        field.line, field.left_out = expression.lineno, left_out
        to = getattr(field.remote_field, "model", None)
        self.is_whole &= not isinstance(to, str) or to.rpartition(".")[0] in ("", APP)
        return field

    def _refuse(self, node: ast.stmt | ast.expr, error: Exception) -> None:
        self.refused.append(f"line {node.lineno}: {str(error)[:MOST_CHARACTERS]}")


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


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)
