"""Prose that reads as if translated is kept out of docstrings, comments and messages."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("harness/flagbench", "generator/flagbench_generators")
    for path in (ROOT / folder).rglob("*.py")
    if "scaffold" not in path.parts
)
DOCUMENTS = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        ROOT / "Makefile",
        *ROOT.glob("harness/flagbench/report/**/*.j2"),
        *ROOT.glob("harness/flagbench/view/**/*.j2"),
    )
    if ".venv" not in path.parts  # the programs of the examples
)

# What is wrong, and what an engineer of the field would write.
PATTERNS = {
    r"\b(is|are|was|were|be|been) told\b": "is reported, is passed, is given",
    r"\bright would be\b": "expected:",
    r"\bto mend it\b": "fix:",
    r"\bfor the \d+\. time\b": "3 times",
    r"\bstands? twice\b": "duplicate",
    r"\banew\b": "again",
    r"\bis no (?!longer|more\b|such\b)[a-z]+": "is not a",
    r"\b(with|stands?) [^.,;]{1,40} beside it\b": "together with",
    r"\bin another world\b|\bthe world's\b": "under a counterfactual",
}
# Written by the simulated model: answers in cassettes hold it, so it stays to the byte.
RECORDED = "Write links and nested rows anew."
QUESTION = re.compile(r"(What|Who|Whom|Whose|Where|When|Why|Which|How|Whether)\b")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Strings and comments of a source file with their lines, or the lines of a document."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(source.splitlines(), start=1)
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string.replace(RECORDED, "")


def translated(path: Path) -> list[str]:
    """Every phrase of a file that a pattern finds, with its line and a better one."""
    return [
        f"{path}:{line}: {found[0]!r}; better: {better}"
        for line, text in texts(path)
        for pattern, better in PATTERNS.items()
        if (found := re.search(pattern, " ".join(text.split()), re.IGNORECASE))
    ]


def questions(path: Path) -> list[str]:
    """Docstrings that begin with a question word instead of a noun or a verb."""
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{path}:{getattr(node, 'lineno', 1)}: {(ast.get_docstring(node) or '')[:50]!r}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, nodes) and QUESTION.match(ast.get_docstring(node) or "")
    ]


def nameless(path: Path) -> list[str]:
    """Variables called `one`, which leave their kind to the reader."""
    names = [
        (node.lineno, node.id if isinstance(node, ast.Name) else node.arg)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        or isinstance(node, ast.arg)
    ]
    return [f"{path}:{line}: {name!r}" for line, name in names if name == "one"]


def test_prose_reads_as_written_by_an_engineer() -> None:
    """No phrase of the list of patterns stands in a text that a reader or a user sees."""
    assert [found for path in (*SOURCES, *DOCUMENTS) for found in translated(path)] == []


def test_docstrings_begin_with_a_noun_or_a_verb() -> None:
    """A summary line says what a thing is or does."""
    assert [found for path in SOURCES for found in questions(path)] == []


def test_variables_have_the_name_of_their_kind() -> None:
    """A loop is over cells, calls or problems."""
    assert [found for path in SOURCES for found in nameless(path)] == []


def test_the_patterns_find_what_they_are_for(tmp_path: Path) -> None:
    """Each kind of finding is made in a file that has it."""
    path = tmp_path / "bad.py"
    path.write_text(
        '"""What it does."""\n# the key stands twice\nERROR = "x is no number"\n'
        "for one in ():\n    pass\n"
    )
    assert [len(check(path)) for check in (translated, questions, nameless)] == [2, 1, 1]
    for name in ("Makefile", "bad.html.j2"):
        (tmp_path / name).write_text("lock:  ## resolve it anew\n")
        assert len(translated(tmp_path / name)) == 1


def test_the_texts_of_pages_and_of_make_are_read() -> None:
    """The templates of the report and of the view, and the Makefile."""
    names = {path.name for path in DOCUMENTS}
    assert {"Makefile", "page.html.j2", "overview.html.j2", "README.md"} <= names
