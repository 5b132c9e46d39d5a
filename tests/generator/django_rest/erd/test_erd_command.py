"""`flagbench erd`: an ERD checked and printed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flagbench_generators.django_rest.erd.command import erd

ERDS = Path(__file__).resolve().parents[4] / "scenarios" / "erds"
BLOG = '{"name": "blog", "entities": [{"name": "Post", "fields": [{"name": "n", "type": "text"}]}]}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a user's, with blanks and accents."""
    path = tmp_path / "mein Projekt é"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def run(*arguments: str, stdin: str | None = None) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(erd, arguments, input=stdin)


def refused(*arguments: str, stdin: str | None = None) -> str:
    """What is said to the user, who can mend it."""
    result = run(*arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.rpartition("Error: ")[2].removesuffix("\n")


def test_an_erd_is_checked_and_printed_in_its_one_form() -> None:
    """Standard output is JSON alone; printed again, it is the same."""
    result = run(str(ERDS / "shop.json"))
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    names = [one["name"] for one in document["entities"]]
    assert names == sorted(names)
    assert run("-", stdin=result.stdout).stdout == result.stdout


def test_it_may_be_written_to_a_file(folder: Path) -> None:
    """Then nothing is printed, and no other file stays."""
    result = run("-", "--out", "new/a.json", stdin=BLOG)
    assert (result.exit_code, result.stdout) == (0, "")
    assert run("new/a.json").stdout == (folder / "new" / "a.json").read_text(encoding="utf-8")
    assert [path.name for path in (folder / "new").iterdir()] == ["a.json"]


def test_everything_wrong_is_told_with_its_place(folder: Path) -> None:
    """By path, by line where it is no JSON, in one message."""
    field = {"name": "b", "type": "strng"}
    wrong = {"name": "a", "entities": [{"name": "A", "fields": [field]}, {"name": "A"}]}
    (folder / "a.json").write_text(json.dumps(wrong))
    assert refused("a.json").splitlines() == [
        'a.json: $.entities[0].fields[0].type: "strng" is not a valid type of a field',
        '    expected: "string"',
        "a.json: $.entities[1]: A has neither fields nor relations",
        '    expected: at least one, e.g. "fields": [{"name": "title", "type": "string"}]',
        'a.json: $.entities[1].name: "A" has the same name as "A"',
        "    expected: another name",
    ]
    (folder / "b.json").write_text('{"name": "a"\n]')
    assert refused("b.json").startswith("b.json:2:1: not valid JSON: ")


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("shop.dbml", "Table a {\n  id int [pk]\n}\n", "Table"),
        ("x.mmd", "erDiagram\n  USER ||--o{ POST : writes\n", "erDiagram"),
        ("erd.sql", "CREATE TABLE a (b INT);", "CREATE"),
    ],
)
def test_another_notation_is_refused(folder: Path, name: str, text: str, word: str) -> None:
    """With an example of what is read, and the commands that show more."""
    (folder / name).write_text(text)
    found, expected, fix = refused(name).splitlines()
    assert found == f'{name}:1:1: not JSON: the text begins with "{word}"'
    assert expected.startswith('    expected: JSON, such as {"name": "blog", ')
    assert fix.startswith("    fix: flagbench erd --help (an example), flagbench erd --schema")


def test_wrong_usage_is_told(folder: Path) -> None:
    """No file, a file that is not there, no text, a file that cannot be written."""
    assert refused() == "FILE is missing\n    fix: flagbench erd blog.json"
    assert refused("none.json").startswith("none.json: cannot be read: ")
    (folder / "a.json").write_bytes(b"\xff\xfe")
    assert refused("a.json").startswith("a.json: cannot be read: ")
    assert refused("--schema", "a.json").startswith("--schema and a.json were given")
    (folder / "a.txt").write_text(BLOG)
    assert refused("a.txt", "--out", "a.txt/b.json").startswith("a.txt/b.json: cannot be written: ")


def test_the_schema_is_printed(folder: Path) -> None:
    """And written, as JSON."""
    result = run("--schema")
    assert json.loads(result.stdout)["$id"] == "erd.schema.json"
    run("--schema", "--out", "erd.schema.json")
    assert (folder / "erd.schema.json").read_text(encoding="utf-8") == result.stdout


def test_the_example_of_the_help_is_right() -> None:
    """What it teaches is read."""
    help_ = run("--help").stdout
    example = help_[help_.index("{") : help_.rindex("}") + 1]
    names = [one["name"] for one in json.loads(run("-", stdin=example).stdout)["entities"]]
    assert names == ["Author", "Post"]


def test_exit_codes_of_the_command(folder: Path) -> None:
    """As the other commands of `flagbench` have them; nothing but JSON on standard output."""
    (folder / "a.json").write_text(BLOG)

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("flagbench")), "erd", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    good, bad = ran("a.json"), ran("none.json")
    assert (good.returncode, json.loads(good.stdout)["name"]) == (0, "blog")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("flagbench: none.json: cannot be read: ")
