"""A file as whoever mends it sees it: classes, assignments and calls with their places."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.simulator.django.writer.calls import call


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines first..last (from 1) become `lines`; last = first - 1 inserts before first."""

    first: int
    last: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A difference between a file and what the ERD asks for, and the edits that mend it.

    `slip` is the name of the slip that it is like; `entity` and `member` are "" where it is not
    about one. `is_gap` tells that something is not there at all.
    """

    slip: str
    entity: str
    member: str
    edits: tuple[Edit, ...]
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Code that parses."""

    code: str
    tree: ast.Module
    rows: tuple[str, ...]

    @classmethod
    def of(cls, code: str) -> "Source | None":
        """The code parsed, None where it is not Python."""
        try:
            return cls(code, ast.parse(code), tuple(code.split("\n")))
        except (SyntaxError, ValueError):
            return None

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return list(self.rows)

    def classes(self) -> dict[str, ast.ClassDef]:
        """Classes of the module by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    def text(self, node: ast.AST) -> str:
        """The node as it stands in the file."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        # Columns of a syntax tree count bytes.
        lines = [line.encode() for line in self.rows[first - 1 : last]] if first else []
        if not lines:
            return ""
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return b"\n".join(lines).decode()

    def docstring_edit(self, node: ast.ClassDef, words: str) -> tuple[Edit, ...]:
        """What puts a docstring into a class that has none."""
        if ast.get_docstring(node):
            return ()
        place = node.body[0].lineno
        first = node.body[0]
        if isinstance(first, ast.ClassDef | ast.FunctionDef) and first.decorator_list:
            place = first.decorator_list[0].lineno
        space = " " * first.col_offset
        return (Edit(place, place - 1, (f'{space}"""{words}"""', "")),)

    def end_of_docstring(self, node: ast.ClassDef) -> int:
        """The line after which the body of a class begins."""
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            return first.end_lineno or first.lineno
        return first.lineno - 1

    def rewritten(
        self, statement: ast.Assign, changes: Sequence[tuple[str, str]], target: str = ""
    ) -> tuple[Edit, ...]:
        """The assignment of a call with keywords changed; an expression of "" drops the keyword.

        `target` replaces the first positional argument.
        """
        value = statement.value
        if not isinstance(value, ast.Call):
            return ()
        keywords = {one.arg or "": self.text(one.value) for one in value.keywords}
        positional = [self.text(one) for one in value.args]
        if target and positional:
            positional[0] = target
        elif target:
            keywords["to"] = target
        for name, expression in changes:
            keywords.pop(name, None) if not expression else keywords.update({name: expression})
        items = [_outdented(x, statement.col_offset + 4) for x in positional]
        items += [
            f"{name}={_outdented(text, statement.col_offset + 4)}"
            for name, text in keywords.items()
        ]
        head = f"{ast.unparse(statement.targets[0])} = {self.text(value.func)}("
        new = call(statement.col_offset, head, items)
        return (Edit(statement.lineno, statement.end_lineno or statement.lineno, tuple(new)),)


def _outdented(text: str, by: int) -> str:
    """The later lines of an expression moved left, since they are moved right again."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(line[min(by, len(line) - len(line.lstrip())) :] for line in rest)])


def assignments(body: Sequence[ast.stmt]) -> dict[str, ast.Assign]:
    """Simple assignments of a body by their names."""
    return {
        node.targets[0].id: node
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def inner_class(node: ast.ClassDef, name: str) -> ast.ClassDef | None:
    """A class in the body of another."""
    found = (one for one in node.body if isinstance(one, ast.ClassDef) and one.name == name)
    return next(found, None)


def last_name(text: str) -> str:
    """`models.CASCADE` -> `CASCADE`, quotes aside."""
    return text.strip("\"'").rsplit(".", 1)[-1]


def applied(code: str, edits: Sequence[Edit]) -> str:
    """The code with the edits, which must not overlap."""
    lines = code.split("\n")
    for edit in sorted(edits, key=lambda one: (one.first, one.last), reverse=True):
        lines[edit.first - 1 : edit.last] = edit.lines
    return "\n".join(lines)
