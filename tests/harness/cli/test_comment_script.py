"""The script of `flagbench init` that keeps one comment on a pull request."""

import os
import subprocess
from pathlib import Path

import pytest

from flagbench.cli import init

SCRIPT = Path(init.__file__).with_name("starter") / "comment.sh"
MARK = "<!-- flagbench -->"

# Stands in for a forge, which needs a network: comments are files, by their ids.
FORGE = """#!/usr/bin/env python3
import pathlib, sys
words, store = sys.argv[1:], pathlib.Path(__file__).with_name("comments")
body = next((pathlib.Path(word[6:]) for word in words if word.startswith("body=@")), None)
if body is None:
    for path in sorted(store.iterdir()):
        if path.read_text().startswith("<!-- flagbench -->"):
            print(path.name if sys.argv[0].endswith("gh") else
                  '[{"id": %s, "body": "<!-- flagbench -->"}]' % path.name)
elif {"PATCH", "PUT"} & set(words):
    place = next(word for word in words if "/comments/" in word or "/notes/" in word)
    (store / place.rpartition("/")[2]).write_bytes(body.read_bytes())
else:
    (store / str(len(list(store.iterdir())) + 1)).write_bytes(body.read_bytes())
"""


def comment(folder: Path, *arguments: str, **environment: str) -> str:
    """The output of the script."""
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", str(SCRIPT), *arguments], env={**os.environ, "PATH": path, **environment},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(("tool", "options"), [("gh", []), ("glab", ["--gitlab"])])
def test_the_second_run_updates_the_comment_of_the_first(
    tmp_path: Path, tool: str, options: list[str]
) -> None:
    """Comments of people stay as they are; the script waits for none of them."""
    (tmp_path / tool).write_text(FORGE)
    (tmp_path / tool).chmod(0o755)
    (tmp_path / "comments").mkdir()
    (tmp_path / "comments/1").write_text("A person's.")
    report = tmp_path / "a report.md"
    for verdict in ("# BROKEN\n", "# KEPT\n"):
        report.write_text(verdict)
        comment(tmp_path, *options, "ana/tools", "12", str(report))
    kept = {path.name: path.read_text() for path in (tmp_path / "comments").iterdir()}
    assert kept == {"1": "A person's.", "2": f"{MARK}\n# KEPT\n"}


def test_a_dry_run_prints_the_comment_shortened_as_forges_need_it(tmp_path: Path) -> None:
    """It asks nobody."""
    report = tmp_path / "report.md"
    report.write_text("x" * 70_000)
    said = comment(tmp_path, "ana/tools", "12", str(report), DRY_RUN="1")
    assert said.startswith(f"{MARK}\nxxx")
    assert said.endswith("(shortened; the whole report is an artifact of this run)\n")
    assert len(said) < 61_000
