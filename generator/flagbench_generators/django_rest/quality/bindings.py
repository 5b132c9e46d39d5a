"""Names bound by a file or its classes."""

import ast
from collections.abc import Iterator

# Methods of a queryset that add names to its rows.
NAMING_METHODS = ("annotate", "alias", "values", "extra")


def names_in_classes(tree: ast.Module) -> set[str]:
    """Collect the names bound in the classes of a file, or added to rows by a queryset."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef():
                names |= names_in_body(node)
            case ast.Call(func=ast.Attribute(attr=method), keywords=keywords) if (
                method in NAMING_METHODS
            ):
                names |= {keyword.arg for keyword in keywords if keyword.arg}
            case ast.keyword(arg="to_attr", value=ast.Constant(value=str(name))):
                names.add(name)
    return names


def names_in_body(node: ast.Module | ast.ClassDef) -> set[str]:
    """Collect the names bound in the body of a file or class; * for an import of everything."""
    names: set[str] = set()
    for statement in node.body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(statement.name)
        else:
            names |= set(all_names(statement))
    return names


def all_names(node: ast.AST) -> Iterator[str]:
    """Yield every bound name in a part of a file, once per binding."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name):
                yield name
            case ast.alias(name=name, asname=alias):
                yield alias or name.partition(".")[0]


def parse_or_empty(text: str) -> ast.Module:
    """Parse a file; return an empty tree if it does not parse."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])
