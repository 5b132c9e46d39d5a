"""Imports from other modules of the app, and names of entities in text."""

from collections.abc import Iterable, Mapping

from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import from_import
from flagbench.simulator.names import snake


def app_imports(code_style: CodeStyle, needed: Mapping[str, Iterable[str]]) -> list[str]:
    """Imports of names from modules of the app: {"models": ["Order"]}."""
    if code_style.imports == "module":
        return from_import("api", needed)
    stem = "." if code_style.imports == "relative" else "api."
    lines = list[str]()
    for module in sorted(needed):
        lines += from_import(f"{stem}{module}", needed[module])
    return lines


def class_prefix(code_style: CodeStyle, module: str) -> str:
    """Prefix for the classes of a module of the app: `models.` or ""."""
    return f"{module}." if code_style.imports == "module" else ""


def with_article(entity: str) -> str:
    """`OrderLine` -> "an order line"."""
    words = snake(entity).replace("_", " ")
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"
