"""Models declared by a file, built without running it.

They are built in a separate registry. Expressions with values known only at run time (a call, a
comprehension) are omitted, and their part is marked as partial.
"""

import ast
from types import ModuleType
from typing import Any

from flagbench_generators.django_rest.quality.literal import (
    Scope,
    Unknown,
    any_function,
    assignments,
    evaluate,
    read_import,
)

APP = "api"
# Options whose value Django calls if it is a function.
_CALLED_OPTIONS = ("storage", "choices", "limit_choices_to")
# Options that depend on other applications or the settings.
_UNREAD_OPTIONS = ("swappable", "apps", "app_label")
# Limit for the text of an exception, which may show a whole value.
MAX_CHARACTERS = 300


class DeclaredModels:
    """The models of a file; Django must be set up.

    `models` maps each to the line of its declaration. A field has that as `line`, and `is_partial`
    if a part of it is known only at run time; models that inherit the field get both. `is_complete`
    is true if no part of the file was omitted and it needs no other file; `errors` are declarations
    that fail, with their lines.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.models: dict[Any, int] = {}
        self.errors: list[str] = []
        self.is_complete = True
        self._registry = _registry()
        scope: Scope = {}
        for statement in tree.body:
            self._read(statement, scope)

    def _read(self, statement: ast.stmt, scope: Scope) -> None:
        """Read a statement of the file or of a class, and rebind or unbind its names."""
        match statement:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                if any(alias.name == "*" for alias in names):
                    scope.clear()  # any name may have been rebound
                for alias in names:
                    scope.pop(alias.asname or alias.name.partition(".")[0], None)
                scope |= read_import(statement)
                # Models may come from there.
                own = isinstance(statement, ast.ImportFrom) and statement.level > 0
                self.is_complete &= not own and all(alias.name != "*" for alias in names)
            case ast.ClassDef(name=name):
                class_ = self._class(statement, scope)
                scope.pop(name, None)
                if class_ is not None:
                    scope[name] = class_
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                scope[name] = any_function
            case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
                for name, expression in assignments(statement):
                    self._assign(name, expression, scope)
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                self.is_complete = False
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name):
                        scope.pop(node.id, None)

    def _assign(self, name: str, expression: ast.expr, scope: Scope) -> None:
        scope.pop(name, None)
        try:
            scope[name] = self._part(expression, scope)
        except (Unknown, RecursionError):
            self.is_complete = False
        except Exception as error:  # the same error as when the file is loaded
            self._add_error(expression, error)

    def _class(self, node: ast.ClassDef, scope: Scope) -> Any:
        """Build a class of models or choices; None for any other class."""
        from django.db.models import Choices, Model  # noqa: PLC0415

        bases: list[Any] = []
        # A metaclass or a decorator may add anything.
        self.is_complete &= not node.keywords and not node.decorator_list
        for base in node.bases:
            try:
                bases.append(evaluate(base, scope))
            except Exception:
                self.is_complete = False
        if len(bases) == 1 and isinstance(bases[0], type) and issubclass(bases[0], Choices):
            return self._choices(node, bases[0], scope)
        parents = tuple(
            base for base in bases if isinstance(base, type) and issubclass(base, Model)
        )
        if parents and len(parents) == len(bases) == len(node.bases):
            return self._model(node, parents, dict(scope))
        self.is_complete &= not node.bases
        return None

    def _choices(self, node: ast.ClassDef, base: Any, scope: Scope) -> Any:
        try:
            members = [
                (name, evaluate(of, scope))
                for statement in node.body
                for name, of in assignments(statement)
            ]
            return base(node.name, members)
        except Unknown:
            self.is_complete = False
        except Exception as error:
            self._add_error(node, error)
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
                body[statement.name] = property(any_function)
            for name, _ in assignments(statement):
                attribute = scope.get(name, any_function)
                body |= (
                    {name: attribute}
                    if attribute is None or isinstance(attribute, Field | Manager)
                    else {}
                )
        options |= {"app_label": APP, "apps": self._registry}
        made_of = body | {"Meta": type("Meta", parent, options)}
        try:
            model: Any = type(parents[0])(node.name, parents, made_of)
        except Exception as error:
            if self.is_complete:
                self._add_error(node, error)
            return None
        self.models[model] = node.lineno
        return model

    def _parent_of_meta(self, node: ast.ClassDef, inherited: Any, scope: Scope) -> tuple[Any, ...]:
        """Return the base of a class Meta: nothing, or the Meta of the model's first base."""
        if not node.bases:
            return ()
        match node.bases:
            case [ast.Attribute(value=ast.Name(id=name), attr="Meta")]:
                if inherited is not None and getattr(scope.get(name), "Meta", None) is inherited:
                    return (inherited,)
        self.is_complete = False
        return ()

    def _options(self, node: ast.ClassDef, scope: Scope) -> Scope:
        """Read the options of a class Meta, as far as they are known."""
        known, named = dict(scope), []
        for statement in node.body:
            self._read(statement, known)
            named += [name for name, _ in assignments(statement)]
        self.is_complete &= not any(name in _UNREAD_OPTIONS for name in named)
        return {
            name: known[name] for name in named if name in known and name not in _UNREAD_OPTIONS
        }

    def _part(self, expression: ast.expr, scope: Scope) -> Any:
        """Evaluate a value, or a field from its known arguments. Raises as `evaluate`."""
        from django.db.models import Field  # noqa: PLC0415

        if not isinstance(expression, ast.Call):
            return evaluate(expression, scope)
        declares = evaluate(expression.func, scope)
        if not isinstance(declares, type) or not issubclass(declares, Field):
            return evaluate(expression, scope)
        args = [evaluate(argument, scope) for argument in expression.args]
        keywords: dict[str, Any] = {}
        is_partial = False
        for keyword in expression.keywords:
            try:
                given = evaluate(keyword.value, scope)
            except Unknown:
                is_partial = True
                continue
            keywords |= {keyword.arg: given} if keyword.arg else given
        for name in _CALLED_OPTIONS:
            if callable(keywords.get(name)) and not hasattr(keywords[name], "choices"):
                del keywords[name]
                is_partial = True
        self.is_complete &= not is_partial
        try:
            field: Any = declares(*args, **keywords)
        except Exception as error:
            if is_partial:
                raise Unknown from error
            raise
        field.line, field.is_partial = expression.lineno, is_partial
        to = getattr(field.remote_field, "model", None)
        self.is_complete &= not isinstance(to, str) or to.rpartition(".")[0] in ("", APP)
        return field

    def _add_error(self, node: ast.stmt | ast.expr, error: Exception) -> None:
        self.errors.append(f"line {node.lineno}: {str(error)[:MAX_CHARACTERS]}")


def _registry() -> Any:
    """Build a registry of models with one application."""
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
    return any(
        isinstance(decorator, ast.Name) and decorator.id == "property"
        for decorator in node.decorator_list
    )
