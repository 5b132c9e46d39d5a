"""How a file of the app imports its neighbours."""

from collections.abc import Iterable, Mapping

from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import from_import
from flagbench.simulator.names import snake


def app_imports(look: CodeStyle, needed: Mapping[str, Iterable[str]]) -> list[str]:
    """Imports of names from modules of the app: {"models": ["Order"]}."""
    if look.imports == "module":
        return from_import("api", needed)
    stem = "." if look.imports == "relative" else "api."
    lines = list[str]()
    for module in sorted(needed):
        lines += from_import(f"{stem}{module}", needed[module])
    return lines


def class_prefix(look: CodeStyle, module: str) -> str:
    """What stands before the name of a class of a module of the app: `models.` or nothing."""
    return f"{module}." if look.imports == "module" else ""


def with_article(entity: str) -> str:
    """`OrderLine` -> "an order line"."""
    words = snake(entity).replace("_", " ")
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"
