"""Names that a file uses of the project's other files, and that these do not have.

What another file has is what the ERD asks of it, and what stands in it where it was shown. A class
called after an entity (`OrderSerializer`, `OrderViewSet`) is about its rows.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain

from generator.asked import Asked
from generator.rest.quality.literal import assigned

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


@dataclass(frozen=True, slots=True)
class Names:
    """Module of the app -> its names, and entity -> the names of its rows."""

    modules: Mapping[str, Set[str]]
    rows: Mapping[str, Set[str]]


def unknown_names(text: str, asked: Asked, models: str = "") -> Iterator[str]:
    """Each such name with its line; `models` is the file of models where it was shown.

    A file that does not parse has no names.
    """
    names = _names(asked, models)
    tree = _parsed(text)
    yield from _imported(tree, names.modules)
    own = _in_classes(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            entity = node.name.removesuffix("Serializer").removesuffix("ViewSet")
            if entity in names.rows:
                known = names.rows[entity] | own
                for name, line in _of_rows(node):
                    if name not in known:
                        yield f"line {line}: {entity} has no {name}{_close(name, known)}"


@lru_cache(maxsize=256)  # pure, and the sessions of a benchmark ask for the same again and again
def _names(asked: Asked, models: str) -> Names:
    shown = _parsed(models)
    modules: dict[str, set[str]] = {"models": _bound(shown), "auth": set(_AUTH)}
    # A property, and what a base class has, may be listed like a field.
    of_classes = _in_classes(shown)
    rows: dict[str, set[str]] = defaultdict(lambda: {*_OF_EVERY_ROW, *of_classes})
    for part in asked.parts("entity", None):
        for module, called in _CALLED.items():
            modules.setdefault(module, set()).add(called.format(part["entity"]))
        rows[part["entity"]].update()
    for part in asked.parts("field", None):
        rows[part["entity"]] |= {part["field"], f"get_{part['field']}_display"}
    for part in asked.parts("relation", None):
        rows[part["entity"]] |= {part["relation"], f"{part['relation']}_id"}
        rows[part["target"]].add(part["related_name"])
    return Names(modules, dict(rows))


def _imported(tree: ast.Module, modules: Mapping[str, Set[str]]) -> Iterator[str]:
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        package = f"{_APP}.{node.module or ''}".rstrip(".") if node.level == 1 else node.module
        if package == _APP:
            aliases |= {one.asname or one.name: one.name for one in node.names}
        module = (package or "").removeprefix(f"{_APP}.")
        for one in node.names if package != module and module in modules else ():
            if one.name != "*" and one.name not in modules[module]:
                yield _missing(node, module, one.name, modules)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = aliases.get(node.value.id, "")
            if module in modules and node.attr not in modules[module] | {"__name__", "__doc__"}:
                yield _missing(node, module, node.attr, modules)


def _missing(
    node: ast.stmt | ast.expr, module: str, name: str, modules: Mapping[str, Set[str]]
) -> str:
    return f"line {node.lineno}: {_APP}.{module} has no {name}{_close(name, modules[module])}"


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
    calls = [one for one in ast.walk(given) if isinstance(one, ast.Call)]
    naming = [one for one in calls if _method(one) in ("annotate", "alias")]
    made = {word.arg for one in naming for word in one.keywords}
    for call in calls:
        if _method(call) in _OF_QUERYSET:
            for name, line in _texts(ast.List(elts=call.args)):
                if name not in made:
                    yield name, line


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _texts(given: ast.expr) -> Iterator[tuple[str, int]]:
    """The names in a list or the keys of a dict: of `-author__name` it is author."""
    parts = given.keys if isinstance(given, ast.Dict) else getattr(given, "elts", [])
    for one in parts:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            name = one.value.lstrip("-^=@$").partition("__")[0]
            if name.isidentifier():
                yield name, one.lineno


def _in_classes(tree: ast.Module) -> set[str]:
    """Every name that some class of a file gives to something."""
    classes = (one for one in ast.walk(tree) if isinstance(one, ast.ClassDef))
    return set().union(*(_bound(one) for one in classes))


def _bound(node: ast.Module | ast.ClassDef) -> set[str]:
    """The names that the body of a file or a class gives to something."""
    names = set()
    for one in node.body:
        names |= {name for name, _ in assigned(one)}
        if isinstance(one, ast.ClassDef | ast.FunctionDef):
            names.add(one.name)
        elif isinstance(one, ast.Import | ast.ImportFrom):
            names |= {part.asname or part.name for part in one.names}
    return names


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _close(name: str, known: Set[str]) -> str:
    """The name that may be meant, as a question."""
    close = get_close_matches(name, sorted(known), n=1)
    return f"; {close[0]}?" if close else ""
