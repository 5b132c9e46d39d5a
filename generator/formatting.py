"""What a model sends becomes a file: out of the fence, without unused imports, formatted."""

import ast
import re
from functools import lru_cache

LINE_LENGTH = 79

_FENCE = re.compile(r"^```[\w+-]*[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_OPEN_FENCE = re.compile(r"^```[\w+-]*[ \t]*\n(.*)\Z", re.MULTILINE | re.DOTALL)
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
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        return f"{line}{error.msg if isinstance(error, SyntaxError) else error}"
    return None


@lru_cache(maxsize=4096)  # black takes 20 to 50 ms, and the sessions of a benchmark share answers
def formatted(code: str) -> str:
    """The code without unused imports, as black writes it; what does not parse stays as it is."""
    if parses(code) is not None:
        return code
    import autoflake  # noqa: PLC0415  both take a tenth of a second to import
    import black  # noqa: PLC0415
    from black.parsing import InvalidInput  # noqa: PLC0415

    code = autoflake.fix_code(code, remove_all_unused_imports=True)
    try:
        return black.format_str(code, mode=black.Mode(line_length=LINE_LENGTH))
    except InvalidInput:  # Python reads some forms that black does not
        return code


def cleaned(answer: str) -> str:
    """The file that an answer means."""
    return formatted(extracted(answer))
