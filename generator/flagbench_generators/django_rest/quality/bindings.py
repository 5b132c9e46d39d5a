"""Which names a file, or a class in it, gives to something."""

import ast
from collections.abc import Iterator

# Methods of a queryset that give its rows more names.
NAMING = ("annotate", "alias", "values", "extra")


def in_classes(tree: ast.Module) -> set[str]:
    """Every name that a class of a file gives to something, or a queryset to its rows."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef():
                names |= bound(node)
            case ast.Call(func=ast.Attribute(attr=method), keywords=keywords) if method in NAMING:
                names |= {one.arg for one in keywords if one.arg}
            case ast.keyword(arg="to_attr", value=ast.Constant(value=str(name))):
                names.add(name)
    return names


def bound(node: ast.Module | ast.ClassDef) -> set[str]:
    """The names that the body of a file or a class gives to something; * where it imports all."""
    names: set[str] = set()
    for one in node.body:
        if isinstance(one, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(one.name)
        else:
            names |= set(all_bound(one))
    return names


def all_bound(node: ast.AST) -> Iterator[str]:
    """Every binding of a name in a part of a file, once for each time."""
    for one in ast.walk(node):
        match one:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name):
                yield name
            case ast.alias(name=name, asname=alias):
                yield alias or name.partition(".")[0]


def parsed(text: str) -> ast.Module:
    """The tree of a file; an empty one where it does not parse."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])
