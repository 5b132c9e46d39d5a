"""Code style of a file: choices of taste that a model makes for each file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.simulator.crud.writer.layout import module_text
from flagbench.simulator.rng import Rng

_STRING = re.compile(r'"""|"((?:[^"\\\n]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class CodeStyle:
    """Quotes, annotations of methods, lists or tuples, and how the app's own modules are imported.

    `imports` is module (`from api import models`), names (`from api.models import A`) or relative
    (`from .models import A`).
    """

    quotes: str = '"'
    annotated: bool = True
    tuples: bool = False
    imports: str = "module"

    @classmethod
    def draw(cls, draws: Rng) -> "CodeStyle":
        """Draw a code style; each side of each choice is equally likely (assumption)."""
        return cls(
            quotes=draws.pick("quotes", ('"', "'")),
            annotated=draws.chance("annotated", 0.5),
            tuples=draws.chance("tuples", 0.5),
            imports=draws.pick("imports", ("module", "names", "relative")),
        )

    def sequence(self, items: Sequence[str]) -> str:
        """A list or tuple of expressions on one line."""
        if not self.tuples:
            return f"[{', '.join(items)}]"
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"

    @property
    def brackets(self) -> tuple[str, str]:
        """Opening and closing bracket of a sequence."""
        return ("(", ")") if self.tuples else ("[", "]")

    def render(self, blocks: Sequence[Sequence[str]]) -> str:
        """The blocks as a module, in the quotes of this style."""
        text = module_text(blocks)
        if self.quotes == '"':
            return text
        return _STRING.sub(_single, text)


def _single(match: re.Match[str]) -> str:
    """The string in single quotes, unless it has one or an escape in it."""
    plain = match[0] != '"""' and not re.search(r"['\\]", match[1])
    return f"'{match[1]}'" if plain else match[0]
