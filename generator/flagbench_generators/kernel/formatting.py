"""What a model sends becomes a file: out of the fence, without unused imports, formatted."""

import ast
import re
from functools import cache, lru_cache
from importlib.metadata import version

from flagbench_generators.kernel.disk_memo import memoised

LINE_LENGTH = 79

# Behind an opening fence may stand a language, a path, a title.
_FENCE = re.compile(r"^```[^`\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_OPEN_FENCE = re.compile(r"^```[^`\n]*\n(.*)\Z", re.MULTILINE | re.DOTALL)
_SHARED_LINE = re.compile(r"[;:][ \t]*(?:import|from)[ \t]")
# How the first line of a module may look.
_FIRST_LINE = re.compile(r'^(?:import |from \w|"""|#|@|class |def |async def |[A-Za-z_]\w* ?[:=])')


def extracted(answer: str) -> str:
    """The code in an answer: the longest fenced block; without fences, all but a preamble."""
    answer = answer.replace("\r\n", "\n")
    blocks: list[str] = _FENCE.findall(answer) or _OPEN_FENCE.findall(answer)
    code = max(blocks, key=len) if blocks else _without_preamble(answer)
    return code.strip("\n") + "\n"


def _without_preamble(answer: str) -> str:
    """Code that parses stays; else what is said before the first line of a module goes."""
    if parses(answer) is None:
        return answer
    lines = answer.splitlines(keepends=True)
    starts = (place for place, line in enumerate(lines) if _FIRST_LINE.match(line))
    rest = "".join(lines[next(starts, 0) :])
    return rest if parses(rest) is None else answer


@lru_cache(maxsize=4096)  # pure, and asked by extraction, formatting and review of one text
def parses(code: str) -> str | None:
    """None if the code parses, else where and why it does not."""
    try:
        ast.parse(code)
    except (RecursionError, MemoryError):  # how Python's parser says that it is nested too deep
        return "nested too deep"
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        return f"{line}{error.msg if isinstance(error, SyntaxError) else error}"
    return None


@lru_cache(maxsize=4096)  # black takes 20 to 50 ms, and the sessions of a benchmark share answers
def formatted(code: str) -> str:
    """The code without unused imports, as black writes it; what does not parse stays as it is."""
    if parses(code) is not None:
        return code
    return memoised(_version(), code, _formatted)


@cache  # reading a version takes a millisecond
def _version() -> str:
    return f"formatted-{version('black')}-{version('autoflake')}-{LINE_LENGTH}"


def _formatted(code: str) -> str:
    tidy = _blackened(_without_unused_imports(code))
    if _SHARED_LINE.search(code):
        # An import that shared its line goes only when black has given it a line of its own.
        tidy = _blackened(_without_unused_imports(tidy))
    return tidy


def _without_unused_imports(code: str) -> str:
    import autoflake  # noqa: PLC0415  this and black take a tenth of a second to import

    memoised: str = autoflake.fix_code(code, remove_all_unused_imports=True)
    return memoised


def _blackened(code: str) -> str:
    import black  # noqa: PLC0415  as above
    from black.parsing import InvalidInput  # noqa: PLC0415

    try:
        return black.format_str(code, mode=black.Mode(line_length=LINE_LENGTH))
    except InvalidInput:  # Python reads some forms that black does not
        return code


def cleaned(answer: str) -> str:
    """The file that an answer means."""
    return formatted(extracted(answer))
