"""Marked tables of documents: found by name, taken from an output, and mistakes with their line."""

from pathlib import Path

import pytest

from flagbench.errors import InputError
from flagbench.reproduction import documents, ledger

PAGE = """# Page

<!-- table: one-table | flagbench run x -->

| a | b |
|---|---|
| 1 | 2 |

<!-- /table -->

<!-- table: quoted | flagbench show | from begin to end -->
```
begin 1
end 2
```
<!-- /table -->

<!-- table: seconds | make benchmark | measured here -->
| a |
|---|
<!-- /table -->

```
<!-- table: an-example | a command -->
<!-- /table -->
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A project with a page of three marked tables."""
    (tmp_path / "README.md").write_text(PAGE)
    return tmp_path


def test_tables_are_found_by_name(page: Path) -> None:
    """With their command, their text without the fence, and what they are."""
    found = documents.find(page)
    assert list(found) == ["one-table", "quoted", "seconds"]
    assert found["one-table"].text == "| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert found["one-table"].command == "flagbench run x"
    assert found["quoted"].text == "begin 1\nend 2\n"
    assert [item.is_measured for item in found.values()] == [False, False, True]


@pytest.mark.parametrize(
    ("name", "output", "made"),
    [
        ("one-table", "x\n| c |\n\n| a | b |\n|---|---|\n| 3 | 4 |\n\nend", "| 3 | 4 |"),
        ("one-table", "| c | d |\n", None),
        ("quoted", "no\n  begin 7  \nmore\nend 8\nno\n", "  begin 7\nmore\nend 8"),
        ("quoted", "end 8\nbegin 7\n", None),
    ],
)
def test_a_table_is_taken_from_the_output(
    page: Path, name: str, output: str, made: str | None
) -> None:
    """The Markdown table with the same header, or the lines between two beginnings."""
    table = documents.find(page)[name]
    found = table.made(output)
    assert (found is None) == (made is None)
    if made is not None:
        assert found is not None and found.endswith(f"{made}\n")


def test_a_table_is_replaced_in_its_place(page: Path) -> None:
    """Nothing else of the document changes."""
    table = documents.find(page)["quoted"]
    assert table.written("begin 5\nend 6\n") == PAGE.replace("begin 1\nend 2", "begin 5\nend 6")


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("<!-- table: a | b -->\n| x |\n", ":1", "the mark of a has no end"),
        ("<!-- table: a | b -->\n<!-- table: c | d -->\n| x |\n<!-- /table -->\n", ":1", "no end"),
        ("\n<!-- table: No Name | b -->\n| x |\n<!-- /table -->\n", ":2", "not a mark"),
        ("<!-- table: a -->\n| x |\n<!-- /table -->\n", ":1", "not a mark"),
        ("<!-- table: a | b -->\n\n<!-- /table -->\n", ":1", "nothing is marked by a"),
        ("<!-- table: a | b | often -->\n| x |\n<!-- /table -->\n", ":1", "unknown option 'often'"),
        (2 * "<!-- table: a | b -->\n| x |\n<!-- /table -->\n", ":4", "a second table a"),
    ],
)
def test_a_wrong_mark_is_an_error_with_its_line(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    """One clear error for each."""
    (tmp_path / "README.md").write_text(text)
    with pytest.raises(InputError) as caught:
        documents.find(tmp_path)
    assert f"README.md{where}: " in str(caught.value)
    assert what in str(caught.value)


def test_an_unknown_name_names_the_nearest(page: Path) -> None:
    """And the command that lists them."""
    with pytest.raises(InputError, match="expected: one-table") as caught:
        documents.named("one-tabel", documents.find(page))
    assert "flagbench reproduce" in str(caught.value)


def test_a_lock_for_several_pythons_states_several_versions(tmp_path: Path) -> None:
    """The installed version is stated if the lock has it; without a pin nothing is."""
    assert ledger.pins(tmp_path, {"numpy": "2.0"}) == {}
    (tmp_path / "requirements.lock").write_text(
        "numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:00\n"
        "numpy==2.5.5 ; python_full_version >= '3.12' \\\n    --hash=sha256:00\nOpenAI==3.1 \\\n"
    )
    installed = {"numpy": "2.5.5", "openai": "3.0", "django": "6.0"}
    assert ledger.pins(tmp_path, installed) == {"numpy": "2.5.5", "openai": "3.1"}
    assert ledger.pins(tmp_path, {"numpy": "2.0"}) == {"numpy": "2.4.6 or 2.5.5"}
