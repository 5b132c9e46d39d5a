"""The text of a Mermaid `erDiagram`: its entities and relationships, by line."""

import re
from dataclasses import dataclass, field

from generator.erd.mermaid_grammar import (
    ATTRIBUTE,
    CARDINALITIES,
    ENTITY,
    GROUP,
    IDENTIFYING,
    PASSED_OVER,
    RELATIONSHIP,
    TITLE,
    Many,
)
from generator.erd.problem import ErdErrors, Problem, quoted


@dataclass(frozen=True, slots=True)
class Attribute:
    """A row of an entity's box."""

    line: int
    type: str
    name: str
    keys: frozenset[str] = frozenset()
    comment: str = ""
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """An entity; `title` is what it is called in the picture."""

    name: str
    line: int
    title: str
    attributes: list[Attribute] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A line between two boxes; `of_left` is how many of the left one there are for a right one."""

    line: int
    left: str
    right: str
    of_left: Many
    of_right: Many
    is_identifying: bool
    label: str


@dataclass(slots=True)
class Diagram:
    """What a text says; boxes by name, in the order in which they are first named."""

    boxes: dict[str, Box] = field(default_factory=dict)
    relationships: list[Relationship] = field(default_factory=list)
    title: str = ""
    group_lines: list[int] = field(default_factory=list)

    def box(self, name: str, line: int, title: str | None = None) -> Box:
        """The box of that name, made where it is first named."""
        known = self.boxes.get(name)
        if known is None or title is not None:
            attributes = known.attributes if known else []
            first = known.line if known else line
            self.boxes[name] = Box(name, first, title or name, attributes)
        return self.boxes[name]


def parse(text: str) -> Diagram:
    """The diagram of a text. Raises `ErdErrors` with every line that is not understood."""
    diagram = Diagram()
    text, at = _opened(text.removeprefix("\ufeff").replace("\r\n", "\n"), diagram)
    problems: list[Problem] = []
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if text[at].isspace() or text[at] == ";":
            at += 1
        elif passed := (PASSED_OVER.match(text, at)):
            at = passed.end()
        elif passed := GROUP.match(text, at):
            diagram.group_lines.append(line)
            at = passed.end()
        elif titled := TITLE.match(text, at):
            diagram.title = titled["title"].strip()
            at = titled.end()
        elif related := RELATIONSHIP.match(text, at):
            at = related.end()
            _relate(diagram, related, line, problems)
        elif (named := ENTITY.match(text, at)) and not named["block"]:
            _boxed(diagram, named, line)
            at = named.end()
        elif named:
            at = _attributes(text, named.end(), _boxed(diagram, named, line), problems)
        else:
            problems.append(_not_understood(text, at, line))
            at = _next_line(text, at)
    if not diagram.boxes and not problems:
        problems.append(Problem((), "the diagram has no entities", "e.g. BOOK { string title }", 1))
    if problems:
        raise ErdErrors(problems)
    return diagram


def _opened(text: str, diagram: Diagram) -> tuple[str, int]:
    """The text without comments (their lines stay), and where its statements begin."""
    if front := re.match(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?=\n|\Z)", text, re.DOTALL):
        if titled := re.search(r"^title:[ \t]*(.+)$", front[1], re.MULTILINE):
            diagram.title = titled[1].strip().strip("\"'")
        text = "\n" * front[0].count("\n") + text[front.end() :]
    text = re.sub(r"%%\{.*?\}%%", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
    text = re.sub(r"^[ \t]*%%[^\n]*", "", text, flags=re.MULTILINE)
    head = re.match(r"\s*erDiagram\b", text, re.IGNORECASE)
    if head is None:
        first = text.strip().split("\n")[0]
        line = text[: len(text) - len(text.lstrip())].count("\n") + 1
        what = f"{quoted(first)} is no beginning of a diagram"
        raise ErdErrors([Problem((), what, "erDiagram", line)])
    return text, head.end()


def _relate(diagram: Diagram, found: re.Match[str], line: int, problems: list[Problem]) -> None:
    left, right = _unquoted(found["left"]), _unquoted(found["right"])
    if found["label"] is None:
        right_form = f"{found[0].strip()} : has"
        problems.append(Problem((), "a relationship lacks its label", right_form, line))
        return
    diagram.box(left, line)
    diagram.box(right, line)
    of_left, of_right = (CARDINALITIES[found[one].lower()] for one in ("of_left", "of_right"))
    is_identifying = found["line"].lower() in IDENTIFYING
    label = _unquoted(found["label"][1:].strip())
    diagram.relationships.append(
        Relationship(line, left, right, of_left, of_right, is_identifying, label)
    )


def _boxed(diagram: Diagram, found: re.Match[str], line: int) -> Box:
    alias = _unquoted(found["alias"]) if found["alias"] else None
    return diagram.box(_unquoted(found["name"]), line, alias)


def _attributes(text: str, at: int, box: Box, problems: list[Problem]) -> int:
    """Reads a block to its end, and returns where that is."""
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if text[at].isspace():
            at += 1
        elif text[at] == "}":
            return at + 1
        elif found := ATTRIBUTE.match(text, at):
            keys = frozenset(re.findall(r"[A-Z]+", (found["keys"] or "").upper()))
            name, type_ = found["name"].strip("`*"), found["type"].strip("`")
            is_optional = found["optional"] is not None
            comment = found["comment"] or ""
            box.attributes.append(Attribute(line, type_, name, keys, comment, is_optional))
            at = found.end()
        else:
            row = _row(text, at).partition("}")[0].strip()
            right = 'e.g. string name UK "words"'
            problems.append(Problem((), f"{quoted(row)} is no attribute", right, line))
            at = min(_next_line(text, at), text.find("}", at) % (len(text) + 1))
    what = f"the block of {box.name} is not closed"
    problems.append(Problem((), what, "a } behind it", text.count("\n", 0, at) + 1))
    return at


def _not_understood(text: str, at: int, line: int) -> Problem:
    row = _row(text, at)
    right = "e.g. CUSTOMER ||--o{ ORDER : places"
    if re.search(r":[ \t]*[^\s\"]+[ \t]+\S", row):
        head, _, label = row.partition(":")
        right = f'{head.strip()} : "{label.strip()}"'
        return Problem((), "a label of several words lacks its quotes", right, line)
    return Problem((), f"{quoted(row)} is neither an entity nor a relationship", right, line)


def _row(text: str, at: int) -> str:
    return text[at : _next_line(text, at)].strip()


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _unquoted(name: str) -> str:
    return name.strip().strip('"')
