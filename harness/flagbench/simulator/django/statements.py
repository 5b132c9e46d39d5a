"""Statements of a file, their differences to another file, and patches of some of these."""

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile, takewhile

_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with the lines before it; `name` is what it defines in the class `place`.

    `meaning` is the same for two statements that differ in quotes, brackets or lines alone.
    """

    place: str
    name: str
    meaning: str
    lines: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, str]:
        """Class and name, which a wrong statement shares with the right one."""
        return self.place, self.name


@dataclass(frozen=True, slots=True)
class Hunk:
    """A statement of the file by its number and its replacement, of which one may be None."""

    number: int
    old: Statement | None
    new: Statement | None

    @property
    def statement(self) -> Statement:
        """The old statement, else the new one."""
        return self.old or self.new or Statement("", "", "", ())


# Many issues are fixed, and many drafts compared, in the same few files.
@lru_cache(maxsize=512)
def statements(code: str) -> tuple[Statement, ...]:
    """The statements of code that parses, those in classes one by one; their lines are the code."""
    lines, done, parts = code.split("\n"), 0, list[Statement]()
    for place, name, meaning, last in [*_walk(ast.parse(code).body, ""), ("", "", "", len(lines))]:
        parts.append(Statement(place, name, meaning, tuple(lines[done:last])))
        done = max(done, last)
    return tuple(parts)


def _walk(body: Sequence[ast.stmt], place: str) -> Iterator[tuple[str, str, str, int]]:
    """Place, name, meaning and last line of each statement; the head of a class is one too."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            inner = f"{place}.{node.name}".strip(".")
            first = node.body[0]
            begins = [first, *getattr(first, "decorator_list", ())]
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                yield inner, f"@{text}", text, decorator.end_lineno or 0
            yield (
                inner,
                "class",
                " ".join(map(ast.unparse, node.bases)),
                min(begin.lineno for begin in begins) - 1,
            )
            yield from _walk(node.body, inner)
            continue
        meaning = ast.unparse(node)
        if isinstance(node, ast.FunctionDef):
            yield place, node.name, meaning, node.end_lineno or 0
        elif isinstance(node, ast.Assign):
            yield place, ast.unparse(node.targets[0]), meaning, node.end_lineno or 0
        elif isinstance(node, ast.ImportFrom):
            yield place, f"from {node.level * '.'}{node.module}", meaning, node.end_lineno or 0
        else:
            yield place, _STRING.sub("''", meaning), meaning, node.end_lineno or 0


def hunks(old: Sequence[Statement], new: Sequence[Statement]) -> list[Hunk]:
    """Statements that differ in meaning, each as a hunk, in the order of the old ones."""
    names = [part.identity for part in old], [part.identity for part in new]
    changes = list[Hunk]()
    for tag, a, b, c, d in difflib.SequenceMatcher(None, *names, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = enumerate(zip(old[a:b], new[c:d], strict=True), a)
            changes += [Hunk(n, x, y) for n, (x, y) in pairs if x.meaning != y.meaning]
        else:
            changes += [Hunk(n, old[n], None) for n in range(a, b)]
            changes += [Hunk(b, None, added) for added in new[c:d]]
    return changes


def apply_hunks(old: Sequence[Statement], chosen: Iterable[Hunk]) -> str:
    """The old code with these hunks applied."""
    before: dict[int, list[str]] = {}
    instead: dict[int, tuple[str, ...]] = {}
    for hunk in chosen:
        lines = hunk.new.lines if hunk.new else ()
        if hunk.old:
            stays = hunk.new or hunk.old.name.startswith("@")
            above = takewhile(_leads, hunk.old.lines) if stays else ()
            instead[hunk.number] = (*above, *dropwhile(_leads, lines))
        else:
            before.setdefault(hunk.number, []).extend(lines)
    pairs = ((before.get(n, ()), instead.get(n, part.lines)) for n, part in enumerate(old))
    return "\n".join(line for pair in pairs for lines in pair for line in lines)


def _leads(line: str) -> bool:
    """True for a line that belongs to the next statement: an empty one or a comment."""
    return not line.strip() or line.lstrip().startswith("#")
