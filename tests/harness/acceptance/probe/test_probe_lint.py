"""A file looked at without running it."""

from pathlib import Path

import pytest

from flagbench.acceptance.kinds import TEXT_CHECKS
from flagbench.acceptance.probe.lint import lint

CLEAN = '''"""Tags."""


def label_of(tag: dict) -> str:
    """The label."""
    return tag["label"]
'''
LONG = '''

def {name}(rows):
    """{about}"""
    total = 0
    for row in rows:
        total += row
    return total
'''


def look(folder: Path, text: str | bytes, *names: str) -> tuple[str, str]:
    """The check that fails and its message; empty for a clean file."""
    path = folder / "a b é.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = lint(str(path), list(names), list(TEXT_CHECKS))
    return (found["check"], found["message"]) if found else ("", "")


def test_a_clean_file_has_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read with blanks and accents in its path, and never run."""
    assert look(tmp_path, CLEAN, "Tag", "label") == ("", "")
    assert look(tmp_path, "") == ("", "")
    monkeypatch.chdir(tmp_path)
    assert look(tmp_path, 'import pathlib\n\npathlib.Path("ran").touch()\n') == ("", "")
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:\n", "SyntaxError"),
        ("x = 'é'".encode("latin-1"), "surrogates not allowed"),
        ("x = 1\0\n", "null bytes"),
        (b"\xff\xfe\x00", ""),
        ("(" * 500, "SyntaxError"),
        ("-" * 200_000 + "1\n", "Error"),
        ("```python\nx = 1\n```\n", "SyntaxError"),
    ],
    ids=["syntax", "latin-1", "null", "bytes", "brackets", "deep", "fence"],
)  # fmt: skip
def test_what_python_cannot_read_is_told(tmp_path: Path, text: str | bytes, words: str) -> None:
    """By whichever exception: none of them ends the probe."""
    check, message = look(tmp_path, text)
    assert check == "parses"
    assert words in message


@pytest.mark.parametrize(
    ("text", "code"),
    [("import os\n", "F401"), ("x = undefined_name\n", "F821"),
     ('x = "' + "a" * 80 + '"\n', "E501"), ("return 1\n", "F706"),
     ("x = 1  \n", "W291"), ("x = 1\n\n", "W391"),
     ("import os  # noqa: F401\n", "F401 'os'"), ("# flake8: noqa\nimport os\n", "F401 'os'")],
)  # fmt: skip
def test_what_flake8_finds_is_told(tmp_path: Path, text: str, code: str) -> None:
    """With its code and line."""
    check, message = look(tmp_path, text)
    assert check == "flake8"
    assert code in message
    assert "a b é.py:" in message


def test_three_findings_of_flake8_are_enough(tmp_path: Path) -> None:
    """Nobody reads more of them."""
    text = "".join(f"x = name_{number}\n" for number in range(200))
    assert look(tmp_path, text)[1].count("F821") == 3


def test_settings_in_the_folder_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Generated files may bring some."""
    (tmp_path / ".flake8").write_text("[flake8]\nignore = F401\n")
    (tmp_path / "setup.cfg").write_text("[flake8]\nignore = F401\n")
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nskip-string-normalization = true\n")
    monkeypatch.chdir(tmp_path)
    assert look(tmp_path, "import os\n")[0] == "flake8"
    assert look(tmp_path, "x = 'a'\n")[0] == "black"


@pytest.mark.parametrize("text", ["x = 'a'\n", "x = {\n    1: 2}\n", "x = [1,\n     2]\n"])
def test_what_black_would_change_is_told(tmp_path: Path, text: str) -> None:
    """With the line length."""
    assert look(tmp_path, text) == ("black", "black would reformat it (line length 79)")


def test_long_functions_that_are_alike_are_told(tmp_path: Path) -> None:
    """Under other names and docstrings; short ones are alike by nature."""
    one, two = LONG.format(name="one", about="A."), LONG.format(name="two", about="B.")
    assert look(tmp_path, f'"""X."""\n{one}{two}') == (
        "duplicates",
        "line 12: two has the same body as one",
    )
    assert look(tmp_path, f'"""X."""\n{one}{two.replace("total", "sum_")}')[0] == ""
    short = '\n\ndef {}(row):\n    """It."""\n    row += 1\n    return row\n'
    assert look(tmp_path, f'"""X."""\n{short.format("a")}{short.format("b")}')[0] == ""


def test_asynchronous_functions_and_methods_are_functions_too(tmp_path: Path) -> None:
    """Wherever they stand."""
    body = "        a = 1\n        b = a\n        return b\n"
    text = f'"""X."""\n\n\nclass A:\n    """A."""\n\n    async def one(self):\n{body}'
    text += f"\n    async def two(self):\n{body}"
    assert look(tmp_path, text)[1].endswith("two has the same body as one")


def test_a_name_that_is_defined_twice_is_told(tmp_path: Path) -> None:
    """The second hides the first; flake8 leaves a decorated one alone."""
    text = '"""X."""\n\nfrom x import route\n'
    for number in (1, 2):
        text += f"\n\n@route({number})\ndef read():\n    return {number}\n"
    check, message = look(tmp_path, text)
    assert check in ("flake8", "duplicates")
    assert "read" in message


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ('x = "Due date"\n', ""),
        ("due_date = 1\n", ""),
        ("def due_date():\n    pass\n", ""),
        ("class due_date:\n    pass\n", ""),
        ("import due_date\n\nx = due_date\n", ""),
        ("from x import y as due_date\n\nz = due_date\n", ""),
        ("x = 1\ny = x.due_date\n", ""),
        ("x = dict(due_date=1)\n", ""),
        ("def f(due_date):\n    pass\n", ""),
        ('x = 1\ny = f"DUE DATE {x}"\n', ""),
        ('"""The due date."""\n', ""),
        ("x = 1  # due_date\n", "due_date"),
        ("duedate = 1\n", "due_date"),
        ('x = "due"\ny = "date"\n', "due_date"),
    ],
)
def test_names_stand_in_code_or_in_its_texts(tmp_path: Path, text: str, missing: str) -> None:
    """In any capitals, with a blank or an underscore; a comment is not enough."""
    wanted = ("vocabulary", f"does not use the words {missing}") if missing else ("", "")
    assert look(tmp_path, text, "due_date") == wanted


def test_the_first_check_that_fails_is_told(tmp_path: Path) -> None:
    """In the order parses, flake8, black, duplicates, vocabulary."""
    body = LONG.format(name="one", about="A.") + LONG.format(name="two", about="B.")
    wrong = f'"""X."""\n\nimport os\n\nx = \'a\'\n{body}'
    assert look(tmp_path, wrong, "label")[0] == "flake8"
    assert look(tmp_path, wrong.replace("\nimport os\n", ""), "label")[0] == "black"
    less = wrong.replace("\nimport os\n", "").replace("'a'", '"a"')
    assert look(tmp_path, less, "label")[0] == "duplicates"
    least = less.replace(LONG.format(name="two", about="B."), "")
    assert look(tmp_path, least, "label")[0] == "vocabulary"
    assert look(tmp_path, least, "total") == ("", "")
