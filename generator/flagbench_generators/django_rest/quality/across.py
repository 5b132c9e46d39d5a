"""Names that a file uses of the project's other files, and that these do not have.

What another file has is what the ERD asks of it, and what stands in it where it was shown. A class
called after an entity (`OrderSerializer`, `OrderViewSet`) is about its rows. Where a name may come
from elsewhere nothing is told.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain

from flagbench_generators.django_rest.quality.bindings import (
    NAMING,
    all_bound,
    bound,
    in_classes,
    parsed,
)
from flagbench_generators.django_rest.quality.literal import assigned
from flagbench_generators.kernel.request_spec import RequestSpec

_APP = "api"
# Module -> what it calls what it has for an entity.
_CALLED = {"models": "{}", "serializers": "{}Serializer", "views": "{}ViewSet"}
_AUTH = frozenset({"ModelPermissions", "urlpatterns"})
# Names that every row has, or that a serializer may give it by itself.
_OF_EVERY_ROW = frozenset({"id", "pk", "url"})
# Where the names of a row stand: in a serializer's Meta, in a view set, in a queryset's methods.
_IN_META = ("fields", "exclude", "read_only_fields", "extra_kwargs")
_IN_VIEW_SET = ("filterset_fields", "search_fields", "ordering_fields", "ordering")
_OF_QUERYSET = ("select_related", "prefetch_related", "order_by")
# Methods behind which the rows are still those of the model, with no names of their own.
_PLAIN = frozenset({"all", "filter", "exclude", "distinct", "reverse", "using", *_OF_QUERYSET})
# Whose classes add no names of their own.
_LIBRARIES = ("rest_framework", _APP)


@dataclass(frozen=True, slots=True)
class Names:
    """Module of the app -> its names, and entity -> the names of its rows."""

    modules: Mapping[str, Set[str]]
    rows: Mapping[str, Set[str]]


def unknown_names(text: str, asked: RequestSpec, models: str = "") -> Iterator[str]:
    """Each such name with its line; `models` is the file of models where it was shown.

    A file that does not parse has no names.
    """
    names = _names(asked, models)
    tree = parsed(text)
    yield from _imported(tree, names.modules)
    if _is_open(tree):
        return
    own = in_classes(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            entity = node.name.removesuffix("Serializer").removesuffix("ViewSet")
            known = names.rows.get(entity, frozenset()) | own
            for name, line in _of_rows(node) if entity in names.rows else ():
                if name not in known:
                    yield f"line {line}: {entity} has no {name}{_close(name, known)}"


@lru_cache(maxsize=256)  # pure, and the sessions of a benchmark ask for the same again and again
def _names(asked: RequestSpec, models: str) -> Names:
    shown = parsed(models)
    modules: dict[str, set[str]] = {"models": bound(shown), "auth": set(_AUTH)}
    entities = [part["entity"] for part in asked.parts("entity", None)]
    # A property, and what a base class has, may be listed like a field.
    rows = {entity: {*_OF_EVERY_ROW, *in_classes(shown)} for entity in entities}
    for module, called in _CALLED.items():
        modules.setdefault(module, set()).update(map(called.format, entities))
    for part in asked.parts("field", None):
        rows[part["entity"]] |= {part["field"], f"get_{part['field']}_display"}
    for part in asked.parts("relation", None):
        rows[part["entity"]] |= {part["relation"], f"{part['relation']}_id"}
        rows[part["target"]].add(part["related_name"])
    return Names({} if "*" in modules["models"] else modules, rows)


def _imported(tree: ast.Module, modules: Mapping[str, Set[str]]) -> Iterator[str]:
    aliases: dict[str, str] = {}
    times = Counter(all_bound(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        package = f"{_APP}.{node.module or ''}".rstrip(".") if node.level == 1 else node.module
        if package == _APP:
            named = {one.asname or one.name: one.name for one in node.names}
            aliases |= {alias: name for alias, name in named.items() if times[alias] == 1}
        module = (package or "").removeprefix(f"{_APP}.")
        for one in node.names if package != module else ():
            yield from _missing(node, module, one.name, modules)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield from _missing(node, aliases.get(node.value.id, ""), node.attr, modules)


def _missing(
    node: ast.stmt | ast.expr, module: str, name: str, modules: Mapping[str, Set[str]]
) -> Iterator[str]:
    known = modules.get(module, frozenset())
    if not known or name in known or name == "*" or name.startswith("__"):
        return
    close = _close(name, known)
    # What else there is in the module of permissions is up to who writes it.
    if close or module != "auth":
        yield f"line {node.lineno}: {_APP}.{module} has no {name}{close}"


def _is_open(tree: ast.Module) -> bool:
    """Whether rows may have names that do not show in the file."""
    elsewhere: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=module, names=names, level=level):
                if level == 0 and (module or "").partition(".")[0] not in _LIBRARIES:
                    elsewhere |= {one.asname or one.name for one in names}
            case ast.Call(func=ast.Attribute(attr=method), keywords=keywords):
                if method == "extra" or (method in NAMING and not all(k.arg for k in keywords)):
                    return True
            case ast.Attribute(value=ast.Name(id="self"), attr="fields"):
                return True
            case ast.ClassDef(bases=bases) if any(_root(one) in elsewhere for one in bases):
                return True
    return "filterset_class" in all_bound(tree)


def _root(base: ast.expr) -> str:
    """The first name of a dotted one."""
    while isinstance(base, ast.Attribute):
        base = base.value
    return base.id if isinstance(base, ast.Name) else ""


def _of_rows(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """The names of a row that a serializer or a view set uses, each with its line."""
    for statement in node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Meta":
            for name, given in chain(*map(assigned, statement.body)):
                yield from _texts(given) if name in _IN_META else ()
        for name, given in assigned(statement):
            yield from _texts(given) if name in _IN_VIEW_SET else ()
            yield from _of_queryset(given) if name == "queryset" else ()


def _of_queryset(given: ast.expr) -> Iterator[tuple[str, int]]:
    """The names in the methods of a queryset itself, as long as its rows are plain."""
    calls: list[ast.Call] = []
    while isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute):
        calls.append(given)
        given = given.func.value
    for call in reversed(calls):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method not in _PLAIN:
            return
        if method in _OF_QUERYSET:
            yield from _texts(ast.List(elts=call.args))


def _texts(given: ast.expr) -> Iterator[tuple[str, int]]:
    """The names in a list or the keys of a dict: of `-author__name` it is author."""
    parts = given.keys if isinstance(given, ast.Dict) else getattr(given, "elts", [])
    for one in parts:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            name = one.value.lstrip("-^=@$").partition("__")[0]
            if name.isidentifier():
                yield name, one.lineno


def _close(name: str, known: Set[str]) -> str:
    """The name that may be meant, as a question."""
    close = get_close_matches(name, sorted(known), n=1)
    return f"; {close[0]}?" if close else ""
