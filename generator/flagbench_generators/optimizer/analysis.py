"""Analysis of one Python file by its syntax tree: metrics, definitions, imports, routes."""

import ast
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

# A change of what an analysis has makes cached ones of before unusable.
VERSION = 2
MAX_FILE_SIZE = 2 * 1024 * 1024

_BRANCHES = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.comprehension,
    ast.BoolOp, ast.match_case,
)  # fmt: skip
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})


def analyse(text: str, max_file_size: int = MAX_FILE_SIZE) -> dict[str, Any]:
    """Analyse a file. `error` says why `parses` is False, or None for one that is too large."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > max_file_size:
        return nothing(text, None, f"{size} bytes; expected: at most {max_file_size}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its escapes
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        place = f"line {line}: " if line else ""
        return nothing(text, False, f"{place}{getattr(error, 'msg', None) or error}")
    return _of_tree(tree, text)


def nothing(text: str, parses: bool | None, error: str) -> dict[str, Any]:
    """The analysis of a file without a syntax tree."""
    return {"parses": parses, "error": error, "lines": len(text.splitlines())}


def _of_tree(tree: ast.Module, text: str) -> dict[str, Any]:
    functions = classes = documented = 0
    complexity = 1
    imports, routes = set[str](), list[list[str]]()
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS):
            classes += isinstance(node, ast.ClassDef)
            functions += not isinstance(node, ast.ClassDef)
            documented += ast.get_docstring(node, clean=False) is not None
            routes += [] if isinstance(node, ast.ClassDef) else _routes(node)
        elif isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (f"{node.module}." if node.module else "")
            imports.update(module + alias.name for alias in node.names)
        elif isinstance(node, _BRANCHES):
            complexity += len(node.values) - 1 if isinstance(node, ast.BoolOp) else 1
    defined = functions + classes
    return {
        "parses": True, "error": None, "lines": len(text.splitlines()), "functions": functions,
        "classes": classes, "complexity": complexity,
        "documented_share": round(documented / defined, 6) if defined else 1.0,
        "defines": sorted(_top_level_names(tree)), "imports": sorted(imports), "routes": routes,
    }  # fmt: skip


def _top_level_names(tree: ast.Module) -> set[str]:
    names = {node.name for node in tree.body if isinstance(node, _DEFINITIONS)}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names


def _routes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[list[str]]:
    """Method and path of decorators such as `@router.get("/api/v1/users")`."""
    calls = [call for call in function.decorator_list if isinstance(call, ast.Call) and call.args]
    return [
        [call.func.attr.upper(), str(call.args[0].value)]
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in _METHODS
        and isinstance(call.args[0], ast.Constant)
    ]


def analyse_all(max_file_size: int, texts: list[str | dict[str, Any]]) -> list[dict[str, Any]]:
    """Analyse several texts; in place of one that cannot be read, there is its analysis."""
    return [analyse(text, max_file_size) if isinstance(text, str) else text for text in texts]


def dependencies(names: Sequence[str], analyses: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """For each component, the components that it imports, by name; a package is its `__init__`."""
    known, needs = {_module_of(name): name for name in names}, list[list[str]]()
    for name, analysis in zip(names, analyses, strict=True):
        found = {_component_of(each, name, known) for each in analysis.get("imports", ())}
        needs.append(sorted(target for target in found - {name} if target))
    return needs


def _module_of(name: str) -> str:
    return "" if name == "__init__" else name.removesuffix(".__init__")


def _component_of(imported: str, by: str, known: Mapping[str, str]) -> str | None:
    """The component with a name that another imports: a module, or a part of it."""
    bare, parts = imported.lstrip("."), by.split(".")
    level = len(imported) - len(bare)
    if level > len(parts):  # beyond the folder
        return None
    package, inner = parts[: len(parts) - level] if level else [], bare.split(".")
    ends = range(len(inner), -1 if level else 0, -1)
    modules = (".".join([*package, *inner[:end]]) for end in ends)
    return next((known[module] for module in modules if module in known), None)
