"""Model answers turned into files: texts extracted, Python formatted without unused imports."""

import ast
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.metadata import version

from flagbench_generators.kernel.disk_memo import memoise

LINE_LENGTH = 79

# An opening fence may be followed by a language, a path or a title.
_FENCE = re.compile(r"^(`{3,})[^`\n]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_OPEN_FENCE = re.compile(r"^(`{3,})[^`\n]*\n(.*)\Z", re.MULTILINE | re.DOTALL)
# A fence of a document, which may have shorter ones inside.
_ANY_FENCE = re.compile(r"^(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)
_SHARED_LINE = re.compile(r"[;:][ \t]*(?:import|from)[ \t]")
# Forms of the first line of a module.
_FIRST_LINE = re.compile(r'^(?:import |from \w|"""|#|@|class |def |async def |[A-Za-z_]\w* ?[:=])')


def extract_code(answer: str) -> str:
    """Return the longest fenced block of an answer; without fences, the answer without preamble."""
    answer = answer.replace("\r\n", "\n")
    blocks = [text for _, text in _FENCE.findall(answer) or _OPEN_FENCE.findall(answer)]
    code = max(blocks, key=len) if blocks else _without_preamble(answer)
    return code.strip("\n") + "\n"


def _without_preamble(answer: str) -> str:
    """Drop the text before the first line of a module, unless the answer parses as it is."""
    if syntax_error(answer) is None:
        return answer
    lines = answer.splitlines(keepends=True)
    starts = (place for place, line in enumerate(lines) if _FIRST_LINE.match(line))
    rest = "".join(lines[next(starts, 0) :])
    return rest if syntax_error(rest) is None else answer


@lru_cache(maxsize=4096)  # pure, and called by extraction, formatting and review for the same text
def syntax_error(code: str) -> str | None:
    """Return None if the code parses, else the line and the reason."""
    try:
        ast.parse(code)
    except (RecursionError, MemoryError):  # nested too deep for Python's parser
        return "nested too deep"
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        return f"{line}{error.msg if isinstance(error, SyntaxError) else error}"
    return None


@lru_cache(maxsize=4096)  # black takes 20 to 50 ms, and the sessions of a benchmark share answers
def format_code(code: str) -> str:
    """Format code with black and without unused imports; code that does not parse is unchanged."""
    if syntax_error(code) is not None:
        return code
    return memoise(_version(), code, _run_formatters)


@cache  # reading a version takes a millisecond
def _version() -> str:
    return f"formatted-{version('black')}-{version('autoflake')}-{LINE_LENGTH}"


def _run_formatters(code: str) -> str:
    tidy = _run_black(_without_unused_imports(code))
    if _SHARED_LINE.search(code):
        # An unused import that shares its line is removed once black has put it on a separate one.
        tidy = _run_black(_without_unused_imports(tidy))
    return tidy


def _without_unused_imports(code: str) -> str:
    import autoflake  # noqa: PLC0415  this and black take a tenth of a second to import

    tidy: str = autoflake.fix_code(code, remove_all_unused_imports=True)
    return tidy


def _run_black(code: str) -> str:
    import black  # noqa: PLC0415  as above
    from black.parsing import InvalidInput  # noqa: PLC0415

    try:
        return black.format_str(code, mode=black.Mode(line_length=LINE_LENGTH))
    except InvalidInput:  # Python reads some forms that black does not
        return code


def code_of(answer: str) -> str:
    """Return the formatted code of an answer."""
    return format_code(extract_code(answer))


def file_of(answer: str, path: str) -> str:
    """Return the file of an answer: formatted if it is Python, else as it was written."""
    return code_of(answer) if path.endswith(".py") else extract_text(answer)


def extract_text(answer: str) -> str:
    """Return what is between the first fence of an answer and the last that may close it.

    Fences within are part of the file, as in a document. Without fences it is the whole answer.
    """
    answer = answer.replace("\r\n", "\n")
    opening = _ANY_FENCE.search(answer)
    if opening is None:
        return answer.strip("\n") + "\n"
    closing = [
        fence
        for fence in _ANY_FENCE.finditer(answer, opening.end())
        if fence[1].startswith(opening[1]) and not fence[2].strip()
    ]
    end = closing[-1].start() if closing else len(answer)
    return answer[opening.end() + 1 : end].strip("\n") + "\n"


def split_files(answer: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the files of an answer by path, each after a heading with its path.

    A file without a heading, without a closed fence or without text is left out.
    """
    answer = answer.replace("\r\n", "\n")
    known = "|".join(map(re.escape, sorted(paths, key=len, reverse=True)))
    headings = list(re.finditer(rf"^#{{1,6}} +[`*]*({known})[`*:]*[ \t]*$", answer, re.MULTILINE))
    starts = [*(heading.start() for heading in headings), len(answer)]
    files: dict[str, str] = {}
    for heading, end in zip(headings, starts[1:], strict=True):
        section = answer[heading.end() : end]
        is_closed = len(_ANY_FENCE.findall(section)) > 1
        text = file_of(section, heading[1]) if is_closed else ""
        if text.strip():
            files.setdefault(heading[1], text)
    return files
