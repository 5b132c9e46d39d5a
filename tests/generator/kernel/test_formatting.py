"""Formatting: the file that an answer means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagbench_generators.kernel.formatting import code_of, extract_code, format_code, syntax_error

CODE = "import os\n\n\ndef home() -> str:\n    return os.sep\n"


@pytest.mark.parametrize(
    "answer",
    [
        CODE,
        CODE.rstrip("\n"),
        f"```python\n{CODE}```",
        f"```\n{CODE}```\n",
        f"```py\n{CODE}```",
        f"Here is the file:\n\n```python\n{CODE}```\n\nIt keeps the standard.",
        f"```python\n{CODE}",
        f"Sure!\n```python\n{CODE}",
        f"Here is the code you asked for.\n\n{CODE}",
        f"```bash\npip install fastapi\n```\n\n```python\n{CODE}```",
        f"```python\n{CODE}```".replace("\n", "\r\n"),
        f"\n\n```python   \n\n{CODE}\n```   \n",
    ],
    ids=["plain", "no-newline", "fenced", "bare-fence", "py", "prose-round", "unclosed",
         "prose-unclosed", "prose-unfenced", "two-blocks", "crlf", "blanks"],
)  # fmt: skip
def test_the_code_comes_out_of_the_answer(answer: str) -> None:
    """Fences, prose, blanks and line ends of all kinds go; the code stays as it is."""
    assert code_of(answer) == CODE


def test_a_fence_inside_a_docstring_of_plain_code_stays() -> None:
    """Backticks that do not stand alone on a line are no fence."""
    code = 'def made() -> None:\n    """Like ```this```."""\n'
    assert code_of(code) == code


def test_unused_imports_go() -> None:
    """Also third-party ones; what is used stays."""
    dirty = "import os, sys\nfrom fastapi import APIRouter, Depends\n\nrouter = APIRouter(sys)\n"
    assert (
        code_of(dirty) == "import sys\nfrom fastapi import APIRouter\n\nrouter = APIRouter(sys)\n"
    )


def test_lines_are_broken_at_79_columns() -> None:
    """As black does it; blank lines between functions too."""
    arguments = ", ".join(f"argument_{number}=None" for number in range(6))
    tidy = code_of(f"def f(): pass\ndef g({arguments}): return 1")
    assert max(map(len, tidy.splitlines())) <= 79
    assert "\n\n\ndef g(\n" in tidy
    assert code_of(f"total = first_{'x' * 30} + second_{'x' * 28}\n").count("\n") == 3


@pytest.mark.parametrize("code", ["def f(:\n", "if True:\nreturn\n", "print 'x'\n", "x = '\x00'\n"])
def test_what_does_not_parse_stays_as_it_is(code: str) -> None:
    """Review has to see it, and reject it."""
    assert format_code(code) == code
    assert syntax_error(code) is not None


def test_what_python_reads_and_black_does_not_stays() -> None:
    """A line continued into nothing, an old end of a line: unused imports go all the same."""
    code = "if x:\n    y  =  1\n\\\nif z:\n    pass\n"  # black 25.9 and later
    code += "x  =  1\ry  =  2\n"  # black 25.1 and earlier
    assert format_code(f"import os\n{code}") == code


def test_a_fault_is_told_with_its_line() -> None:
    """Where and what: the model mends what it is told."""
    assert syntax_error("x = 1\ndef f(:\n") == "line 2: invalid syntax"
    assert syntax_error(CODE) is None


def test_an_unclosed_fence_goes_from_broken_code_too() -> None:
    """The model is to be told of its own line, not of the fence."""
    assert extract_code("```python\ndef f(:\n") == "def f(:\n"


def test_prose_alone_stays() -> None:
    """An answer without code is not turned into a file that parses."""
    assert extract_code("I am sorry, I cannot do that.") == "I am sorry, I cannot do that.\n"


def test_formatting_is_done_once_a_text() -> None:
    """The combinations of a benchmark see the same answers: the second time costs a look-up."""
    format_code("x  =  1\n")
    before = format_code.cache_info().hits
    format_code("x  =  1\n")
    assert format_code.cache_info().hits == before + 1


@given(st.text(max_size=60))
def test_anything_can_be_cleaned_and_stays_clean(answer: str) -> None:
    """No answer makes it raise, and a clean file is not changed again."""
    once = code_of(answer)
    if syntax_error(once) is None:
        assert format_code(once) == once


PIECES = st.sampled_from(
    ["import os\n", "import os, sys\n", "from fastapi import (APIRouter,\n  Depends)\n",
     "from typing import Optional\n", "router = APIRouter()\n", "print( os.sep )\n", "\n\n\n",
     "# a comment\n", "x = {'a':1,\n'b':2}\n", "def f(a,b = 1): return a\n",
     "if x:\n\timport re\n", "try:\n    import a\nexcept ImportError:\n    a = None\n",
     "class A:\n  x: int\n  def g(self): pass\n", "@router.get('/x')\nasync def h(): ...\n",
     "long = first + " + " + ".join(f"part_{number}" for number in range(20)) + "\n"]
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(PIECES, min_size=1, max_size=8).map("".join))
def test_code_in_any_wrapping_becomes_the_same_tidy_file(code: str) -> None:
    """Fences, prose and line ends change nothing; what comes out parses and stays as it is."""
    once = code_of(f"```python\n{code}```\n")
    assert syntax_error(once) is None
    assert format_code(once) == once
    assert once.endswith("\n") or not once
    assert max(map(len, once.splitlines()), default=0) <= 79
    crlf = code.replace("\n", "\r\n")
    assert code_of(f"Here it is:\r\n\r\n```py\r\n{crlf}```\r\n\r\nDone.") == once
    assert code_of(f"Here it is:\n\n```\n{code}") == once


@pytest.mark.parametrize("code", ["x = 1; import re\n", "for i in x: import l\n"])
def test_formatting_again_changes_nothing(code: str) -> None:
    """Unused imports are gone the first time, wherever they stood."""
    assert format_code(format_code(code)) == format_code(code)


@pytest.mark.parametrize(
    "fence", ["```python app/routes/student.py", '```python title="student.py"', "```python3.11",
              "```{.python}"],
)  # fmt: skip
@pytest.mark.parametrize("after", ["", "\nIt keeps the standard.\n"])
def test_a_fence_may_say_more_than_the_language(fence: str, after: str) -> None:
    """A path or a title behind the language is the model's habit, and no code."""
    assert code_of(f"{fence}\n{CODE}```\n{after}") == CODE


@pytest.mark.parametrize("code", ["x" + ".x" * 100_000, "x = " + "not " * 12000 + "x"])
def test_what_is_too_deep_to_parse_does_not_parse(code: str) -> None:
    """A model that repeats itself sends such lines: review has to see and reject them."""
    assert syntax_error(code) is not None
    assert format_code(code) == code
