"""Names that a file uses from the project's other files and that do not exist there.

The names of another file are those that the ERD requires, and those of its text if that is known.
A class named after an entity (`OrderSerializer`, `OrderViewSet`) uses its rows. Names that may come
from elsewhere are not reported.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain

from flagbench_generators.django_rest.quality.bindings import (
    NAMING_METHODS,
    all_names,
    names_in_body,
    names_in_classes,
    parse_or_empty,
)
from flagbench_generators.django_rest.quality.literal import assignments
from flagbench_generators.kernel.request_spec import RequestSpec

_APP = "api"
# Module -> the name of its class for an entity.
_NAME_FORMS = {"models": "{}", "serializers": "{}Serializer", "views": "{}ViewSet"}
_AUTH = frozenset({"ModelPermissions", "urlpatterns"})
# Names of every row, and those that a serializer adds.
_ROW_NAMES = frozenset({"id", "pk", "url"})
# Places with names of a row: a serializer's Meta, a view set, the methods of a queryset.
_IN_META = ("fields", "exclude", "read_only_fields", "extra_kwargs")
_IN_VIEW_SET = ("filterset_fields", "search_fields", "ordering_fields", "ordering")
_QUERYSET_METHODS = ("select_related", "prefetch_related", "order_by")
# Methods whose rows are plain rows of the model, without added names.
_PLAIN_METHODS = frozenset(
    {"all", "filter", "exclude", "distinct", "reverse", "using", *_QUERYSET_METHODS}
)
# Libraries whose classes add no names to rows.
_LIBRARIES = ("rest_framework", _APP)


@dataclass(frozen=True, slots=True)
class Names:
    """Names by module of the app, and names of rows by entity."""

    modules: Mapping[str, Set[str]]
    rows: Mapping[str, Set[str]]


def unknown_names(text: str, spec: RequestSpec, models: str = "") -> Iterator[str]:
    """Yield each unknown name with its line; `models` is the text of the models, if known.

    A file that does not parse has no names.
    """
    names = _names(spec, models)
    tree = parse_or_empty(text)
    yield from _missing_imports(tree, names.modules)
    if _has_hidden_names(tree):
        return
    own = names_in_classes(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            entity = node.name.removesuffix("Serializer").removesuffix("ViewSet")
            known = names.rows.get(entity, frozenset()) | own
            for name, line in _row_names(node) if entity in names.rows else ():
                if name not in known:
                    yield f"line {line}: {entity} has no {name}{_suggestion(name, known)}"


@lru_cache(maxsize=256)  # pure, and the sessions of a benchmark have the same requests
def _names(spec: RequestSpec, models: str) -> Names:
    tree = parse_or_empty(models)
    modules: dict[str, set[str]] = {"models": names_in_body(tree), "auth": set(_AUTH)}
    entities = [part["entity"] for part in spec.parts("entity", None)]
    # Properties and attributes of base classes may be listed like fields.
    rows = {entity: {*_ROW_NAMES, *names_in_classes(tree)} for entity in entities}
    for module, form in _NAME_FORMS.items():
        modules.setdefault(module, set()).update(map(form.format, entities))
    for part in spec.parts("field", None):
        rows[part["entity"]] |= {part["field"], f"get_{part['field']}_display"}
    for part in spec.parts("relation", None):
        rows[part["entity"]] |= {part["relation"], f"{part['relation']}_id"}
        rows[part["target"]].add(part["related_name"])
    return Names({} if "*" in modules["models"] else modules, rows)


def _missing_imports(tree: ast.Module, modules: Mapping[str, Set[str]]) -> Iterator[str]:
    aliases: dict[str, str] = {}
    counts = Counter(all_names(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        package = f"{_APP}.{node.module or ''}".rstrip(".") if node.level == 1 else node.module
        if package == _APP:
            named = {alias.asname or alias.name: alias.name for alias in node.names}
            aliases |= {alias: name for alias, name in named.items() if counts[alias] == 1}
        module = (package or "").removeprefix(f"{_APP}.")
        for alias in node.names if package != module else ():
            yield from _missing_name(node, module, alias.name, modules)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield from _missing_name(node, aliases.get(node.value.id, ""), node.attr, modules)


def _missing_name(
    node: ast.stmt | ast.expr, module: str, name: str, modules: Mapping[str, Set[str]]
) -> Iterator[str]:
    known = modules.get(module, frozenset())
    if not known or name in known or name == "*" or name.startswith("__"):
        return
    close = _suggestion(name, known)
    # The module of permissions may define any other names.
    if close or module != "auth":
        yield f"line {node.lineno}: {_APP}.{module} has no {name}{close}"


def _has_hidden_names(tree: ast.Module) -> bool:
    """Return whether rows may have names that the file does not show."""
    elsewhere: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=module, names=names, level=level):
                if level == 0 and (module or "").partition(".")[0] not in _LIBRARIES:
                    elsewhere |= {alias.asname or alias.name for alias in names}
            case ast.Call(func=ast.Attribute(attr=method), keywords=keywords):
                if method == "extra" or (
                    method in NAMING_METHODS and not all(k.arg for k in keywords)
                ):
                    return True
            case ast.Attribute(value=ast.Name(id="self"), attr="fields"):
                return True
            case ast.ClassDef(bases=bases) if any(_root(base) in elsewhere for base in bases):
                return True
    return "filterset_class" in all_names(tree)


def _root(base: ast.expr) -> str:
    """Return the first part of a dotted name."""
    while isinstance(base, ast.Attribute):
        base = base.value
    return base.id if isinstance(base, ast.Name) else ""


def _row_names(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """Yield the names of a row used by a serializer or a view set, each with its line."""
    for statement in node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Meta":
            for name, expression in chain(*map(assignments, statement.body)):
                yield from _string_values(expression) if name in _IN_META else ()
        for name, expression in assignments(statement):
            yield from _string_values(expression) if name in _IN_VIEW_SET else ()
            yield from _queryset_names(expression) if name == "queryset" else ()


def _queryset_names(expression: ast.expr) -> Iterator[tuple[str, int]]:
    """Yield the names in the methods of a queryset, as long as its rows are plain."""
    calls: list[ast.Call] = []
    while isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
        calls.append(expression)
        expression = expression.func.value
    for call in reversed(calls):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method not in _PLAIN_METHODS:
            return
        if method in _QUERYSET_METHODS:
            yield from _string_values(ast.List(elts=call.args))


def _string_values(expression: ast.expr) -> Iterator[tuple[str, int]]:
    """Yield the names in a list or the keys of a dict; for `-author__name`, author."""
    parts = expression.keys if isinstance(expression, ast.Dict) else getattr(expression, "elts", [])
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            name = part.value.lstrip("-^=@$").partition("__")[0]
            if name.isidentifier():
                yield name, part.lineno


def _suggestion(name: str, known: Set[str]) -> str:
    """Return the closest known name as a question."""
    close = get_close_matches(name, sorted(known), n=1)
    return f"; {close[0]}?" if close else ""
