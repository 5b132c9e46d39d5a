"""Analysis and validation of components in the plain way: every file, every requirement.

It shares no code with what it judges.
"""

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flagbench.scenario.work import Pattern

Result = dict[str, Any]
ROUTE = re.compile(r'^@\w+\.(get|post|put|patch|delete|head|options)\("([^"]+)"', re.MULTILINE)
_MOST_TEXTS = 4096


class _Metrics(ast.NodeVisitor):
    """Counts of a syntax tree."""

    def __init__(self) -> None:
        self.functions = self.classes = self.documented = 0
        self.complexity = 1
        self.imports = set[str]()

    def visit(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.functions += 1
                self.documented += ast.get_docstring(node, clean=False) is not None
            case ast.ClassDef():
                self.classes += 1
                self.documented += ast.get_docstring(node, clean=False) is not None
            case ast.Import(names=names):
                self.imports |= {alias.name for alias in names}
            case ast.ImportFrom(module=None, names=names, level=level):
                self.imports |= {"." * level + alias.name for alias in names}
            case ast.ImportFrom(module=module, names=names, level=level):
                self.imports |= {"." * level + f"{module}.{alias.name}" for alias in names}
            case ast.BoolOp(values=values):
                self.complexity += len(values) - 1
            case (
                ast.If() | ast.For() | ast.AsyncFor() | ast.While() | ast.ExceptHandler()
                | ast.IfExp() | ast.comprehension() | ast.match_case()
            ):  # fmt: skip
                self.complexity += 1
        self.generic_visit(node)


@lru_cache(maxsize=_MOST_TEXTS)
def analysis(text: str) -> Result:
    """The analysis of a file, without what it needs of others."""
    lines = len(text.splitlines())
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return {"parses": False, "error": f"line {error.lineno}: {error.msg}", "lines": lines}
    metrics = _Metrics()
    metrics.visit(tree)
    defined = metrics.functions + metrics.classes
    return {
        "parses": True,
        "error": None,
        "lines": lines,
        "functions": metrics.functions,
        "classes": metrics.classes,
        "complexity": metrics.complexity,
        "documented_share": round(metrics.documented / defined, 6) if defined else 1.0,
        "defines": sorted(_names(tree)),
        "imports": sorted(metrics.imports),
        "routes": [[method.upper(), path] for method, path in ROUTE.findall(text)],
    }


def _names(tree: ast.Module) -> set[str]:
    names = set[str]()
    for node in tree.body:
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def components(files: Mapping[str, str]) -> dict[str, Result]:
    """The analysis of each Python file, by the dotted name of its path and in that order."""
    texts = {path.removesuffix(".py").replace("/", "."): text for path, text in files.items()}
    found = {}
    for name in sorted(texts, key=lambda name: name.split(".")):
        imports = analysis(texts[name]).get("imports", ())
        needs = {target for imported in imports for target in _meant(imported, name, texts)}
        found[name] = {**analysis(texts[name]), "depends_on": sorted(needs - {name})}
    return found


def _meant(imported: str, by: str, names: Mapping[str, str]) -> list[str]:
    """The component that an import means, if there is one: the one that is furthest inside."""
    parts = re.findall(r"\w+|\*", imported)
    dots = len(imported) - len(imported.lstrip("."))
    above = by.split(".")[: -dots or None] if dots else []
    if dots > by.count(".") + 1:
        return []
    least = len(above) if dots else 1
    for count in range(len(above) + len(parts), least - 1, -1):
        module = [*above, *parts][:count]
        for name in (".".join(module), ".".join([*module, "__init__"])):
            if name in names:
                return [name]
    return []


def validation(found: Result, text: str, patterns: Mapping[str, Pattern]) -> Result:
    """The validation of a component: every requirement of every pattern is tested."""
    results = dict[str, str | None]()
    for name, pattern in patterns.items():
        if not found["parses"]:
            results[name] = "parses"
        elif not pattern.applies_to or _has_import(found, pattern.applies_to):
            failed = [
                kind for kind, value in pattern.requires if not _holds(kind, value, found, text)
            ]
            results[name] = failed[0] if failed else None
    return {"valid": not any(results.values()), "results": results, "untested": {}}


def _has_import(found: Result, module: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for name in found["imports"])


def _holds(kind: str, value: Any, found: Result, text: str) -> bool:
    if kind.endswith("_at_most"):
        return bool(found[kind.removesuffix("_at_most")] <= value)
    if kind.endswith("_at_least"):
        return bool(found[kind.removesuffix("_at_least")] >= value)
    return {
        "parses": lambda: bool(found["parses"]) is value,
        "defines": lambda: value in found["defines"],
        "imports": lambda: _has_import(found, value),
        "imports_none_of": lambda: not any(_has_import(found, module) for module in value),
        "has_routes": lambda: bool(found["routes"]) is value,
        "matches_none_of": lambda: not any(re.search(expression, text) for expression in value),
    }[kind]()
