"""Checks of a file without running it: syntax, flake8, black, duplicates, vocabulary."""

import ast
import platform
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper

LINE_LENGTH = 79
# Shorter functions, such as a getter, are often equal for a reason.
_DUPLICATE_STATEMENTS = 3


def lint(path: str, names: list[str], checks: list[str]) -> dict[str, str] | None:
    """Run these checks of a file; the first that fails and its message, None for a clean file.

    `names` are words that the file must use: the entity and its attributes. A file that does not
    parse fails `parses`, whatever the checks.
    """
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:  # noqa: PTH123
        text = file.read()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        python = f"Python {platform.python_version()}"
        return {"check": "parses", "message": f"{type(error).__name__}: {error}, for {python}"}
    functions: Mapping[str, Callable[[], str]] = {
        "flake8": lambda: _flake8(path),
        "black": lambda: _black(text),
        "duplicates": lambda: _duplicates(tree),
        "vocabulary": lambda: _vocabulary(tree, names),
    }
    for name, function in functions.items():
        message = function() if name in checks else ""
        if message:
            return {"check": name, "message": message}
    return None


def _flake8(path: str) -> str:
    from flake8.main.cli import main  # noqa: PLC0415  it takes a tenth of a second to import

    written = BytesIO()  # flake8 writes bytes to its standard output
    with redirect_stdout(TextIOWrapper(written, write_through=True)):
        length = f"--max-line-length={LINE_LENGTH}"
        # A comment that disables a check counts for nothing.
        main(["--isolated", "--jobs=1", "--disable-noqa", length, path])
        return "; ".join(written.getvalue().decode("utf-8", "replace").splitlines()[:3])


def _black(text: str) -> str:
    import black  # noqa: PLC0415  as flake8
    from black.report import NothingChanged  # noqa: PLC0415

    try:
        black.format_file_contents(text, fast=True, mode=black.Mode(line_length=LINE_LENGTH))
    except NothingChanged:
        return ""
    except Exception as error:  # black cannot parse everything that Python can
        return f"black cannot parse it: {error}"
    return f"black would reformat it (line length {LINE_LENGTH})"


def _duplicates(tree: ast.Module) -> str:
    bodies: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if len(body) < _DUPLICATE_STATEMENTS:
                continue
            alike = bodies.setdefault("".join(map(ast.dump, body)), node.name)
            if alike != node.name:
                return f"line {node.lineno}: {node.name} has the same body as {alike}"
    named = Counter(
        node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    )
    twice = [name for name, count in named.items() if count > 1]
    return f"{', '.join(twice)} is defined twice" if twice else ""


def _vocabulary(tree: ast.Module, names: list[str]) -> str:
    """Message about names that occur neither in identifiers nor in strings; "" for none."""
    used: list[str] = []
    for node in ast.walk(tree):
        used += [value for _, value in ast.iter_fields(node) if isinstance(value, str)]
    text = "\n".join(used).lower().replace("_", " ")
    missing = [name for name in names if name.lower().replace("_", " ") not in text]
    return f"does not use the words {', '.join(missing)}" if missing else ""
