"""`flagbench erd`: an ERD checked or imported, and printed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness import cli
from harness.errors import InputError

ERDS = Path(__file__).resolve().parents[2] / "scenarios" / "erds"
DBML = "Table users {\n  id int [pk]\n  email varchar(80) [not null, unique, note: 'work']\n}\n"
MERMAID = 'erDiagram\n  USER ||--o{ POST : writes\n  USER { string name "full" }\n'
USER = {
    "name": "User",
    "fields": [{"name": "email", "type": "string", "unique": True, "max_length": 80}],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a user's, with blanks and accents."""
    path = tmp_path / "mein Projekt é"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def run(*arguments: str, stdin: str | None = None) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(cli.cli, ["erd", *arguments], input=stdin)


def refused(*arguments: str, stdin: str | None = None) -> str:
    """What the funnel prints, where it is the user's to mend."""
    result = run(*arguments, stdin=stdin)
    assert isinstance(result.exception, InputError)
    assert not result.stdout
    return str(result.exception)


def test_an_erd_is_checked_and_printed_in_its_one_form() -> None:
    """Standard output is JSON alone; printed again, it is the same."""
    result = run(str(ERDS / "shop.json"))
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    names = [one["name"] for one in document["entities"]]
    assert names == sorted(names)
    assert run("-", stdin=result.stdout).stdout == result.stdout


def test_dbml_is_imported_by_its_ending(folder: Path) -> None:
    """Named after its file; what is lost is a warning with file and line."""
    (folder / "my app.DBML").write_text(DBML)
    result = run("my app.DBML")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"name": "my-app", "entities": [USER]}
    assert result.stderr == "warning: my app.DBML:1: the notes of users are left out (1)\n"


@pytest.mark.parametrize("name", ["d.mmd", "d.mermaid"])
def test_mermaid_is_imported_by_its_ending(folder: Path, name: str) -> None:
    """Both of its endings."""
    (folder / name).write_text(MERMAID)
    result = run(name)
    assert [one["name"] for one in json.loads(result.stdout)["entities"]] == ["Post", "User"]
    assert result.stderr.splitlines() == [
        f"warning: {name}:2: the labels are left out: writes",
        f"warning: {name}:3: the comments on USER are left out (1)",
    ]


def test_the_notation_may_be_told(folder: Path) -> None:
    """Where the ending does not, and for the standard input."""
    (folder / "d.txt").write_text(DBML)
    assert json.loads(run("d.txt", "--from", "dbml").stdout)["name"] == "d"
    document = json.loads(run("-", "--from", "dbml", stdin=DBML).stdout)
    assert document == {"name": "imported", "entities": [USER]}


def test_it_may_be_written_to_a_file(folder: Path) -> None:
    """Then nothing is printed."""
    (folder / "a.dbml").write_text(DBML)
    result = run("a.dbml", "--out", "new/a.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert run("new/a.json").stdout == (folder / "new" / "a.json").read_text(encoding="utf-8")


def test_everything_wrong_is_told_with_its_place(folder: Path) -> None:
    """JSON by path, other notations by line, in one message."""
    field = {"name": "b", "type": "strng"}
    wrong = {"name": "a", "entities": [{"name": "A", "fields": [field]}, {"name": "A"}]}
    (folder / "a.json").write_text(json.dumps(wrong))
    assert refused("a.json").splitlines() == [
        'a.json: $.entities[0].fields[0].type: "strng" is no type of a field',
        '    expected: "string"',
        "a.json: $.entities[1]: A has neither fields nor relations",
        '    expected: at least one, e.g. "fields": [{"name": "title", "type": "string"}]',
        'a.json: $.entities[1].name: "A" is "A" again',
        "    expected: a name of its own",
    ]
    (folder / "b.json").write_text('{"name": "a",\n}')
    assert refused("b.json").startswith("b.json:2:1: not valid JSON: ")
    (folder / "c.mmd").write_text("erDiagram\n  A ||--o{\n")
    assert refused("c.mmd").startswith("c.mmd:2: ")
    (folder / "d.dbml").write_text("Table a {\n  id int [pk\n}\n")
    assert refused("d.dbml") == "d.dbml:3:1: not valid DBML: }"


def test_without_an_ending_it_is_json(folder: Path) -> None:
    """As what a shell hands over is: /dev/stdin, a substituted process."""
    (folder / "blog").write_text("{")
    assert refused("blog").startswith("blog:1:2: not valid JSON: ")


def test_wrong_usage_is_told(folder: Path) -> None:
    """No file, a file that is not there, no text, an ending that says nothing."""
    assert refused() == "there is no FILE\n    expected: flagbench erd blog.json"
    assert refused("none.json").startswith("none.json: cannot be read: ")
    (folder / "a.json").write_bytes(b"\xff\xfe")
    assert refused("a.json").startswith("a.json: cannot be read: ")
    (folder / "erd.sql").write_text("CREATE TABLE a (b INT);")
    assert refused("erd.sql").splitlines() == [
        "erd.sql: what notation it is in is not told by its ending '.sql'",
        "    expected: .json, .dbml, .mmd, .mermaid",
        "    fix: flagbench erd --from json|dbml|mermaid",
    ]
    assert refused("--schema", "a.json") == "--schema goes without a.json"
    (folder / "a.dbml").write_text(DBML)
    assert refused("a.dbml", "--out", "a.dbml/b.json").startswith("a.dbml/b.json: cannot be ")


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
    """As the other commands have them; nothing but JSON on standard output."""
    (folder / "a.dbml").write_text(DBML)

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        start = [sys.executable, "-c", "from harness.cli import main; main()", "erd"]
        return subprocess.run([*start, *arguments], capture_output=True, text=True, check=False)

    good, bad = ran("a.dbml"), ran("none.json")
    assert (good.returncode, json.loads(good.stdout)["name"]) == (0, "a")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("flagbench: none.json: cannot be read: ")
