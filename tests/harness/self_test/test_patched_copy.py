"""A patched copy has the sources, links to everything else, and touches no original."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from flagbench.errors import CouldNotRun
from flagbench.self_test import catalogue, patched_copy, series_process, sources

FILES = {
    "shop/reports/a.py": "x = 1\ny = 2\n", "shop/__pycache__/a.pyc": "x", "reports/r.json": "{}",
    "windows.py": "x = 1\r\ny = 2\r\n", "data/d.txt": "d", ".git/head": "x = 1\n",
    ".tool/t.py": "x = 1\n", "env/pyvenv.cfg": "", "env/lib.py": "x = 1\n",
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with more than its sources."""
    for name, text in FILES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path / "project"


def load(project: Path, source: str, file: str, old: str, new: str) -> catalogue.Catalogue:
    """A catalogue of one case, as it is loaded from its file."""
    case = {
        "name": "x", "about": "x", "file": file, "old": old, "new": new, "run": ["s"],
        "expect": "harmless",
    }  # fmt: skip
    path = project / "own.yaml"
    path.write_text(json.dumps({"sources": [source], "cases": [case]}))
    return catalogue.load(path, project)


@pytest.mark.parametrize(
    ("source", "file", "old", "patched"),
    [
        ("shop", "shop/reports/a.py", "x = 1\ny", "x = 3\ny = 2\n"),
        ("shop", "shop//reports/a.py", "x = 1", "x = 3\ny = 2\n"),
        ("./shop/", "./shop/reports/a.py", "x = 1", "x = 3\ny = 2\n"),
        ("shop/reports/a.py", "shop/reports/a.py", "x = 1", "x = 3\ny = 2\n"),
        (".", "shop/reports/a.py", "x = 1", "x = 3\ny = 2\n"),
        (".", "windows.py", "x = 1\ny", "x = 3\r\ny = 2\r\n"),
        ("windows.py", "windows.py", "x = 1\r\ny", "x = 3\r\ny = 2\r\n"),
        ("reports", "reports/r.json", "{}", "3"),
        (".tool", ".tool/t.py", "x = 1", "x = 3\n"),
    ],
)
def test_a_copy_has_the_patched_sources(
    project: Path, tmp_path: Path, source: str, file: str, old: str, patched: str
) -> None:
    """With their line ends; the project itself stays, and nothing is copied that is no source."""
    loaded = load(project, source, file, old, old.replace("x = 1", "x = 3").replace("{}", "3"))
    texts = sources.contents(project, loaded.sources)
    made = patched_copy.patched_texts(texts, loaded.cases[0].patches)
    copy = tmp_path / "copy"
    (project / "windows.py").chmod(0o755)
    patched_copy.make(project, copy, made)
    assert (copy / file).read_bytes() == patched.encode()
    assert {name: (project / name).read_bytes().decode() for name in FILES} == FILES
    assert {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()} >= set(made)
    assert not (copy / ".git").exists()
    assert list(copy.rglob("__pycache__")) == []
    assert (copy / "env" / "lib.py").resolve() == project / "env" / "lib.py"
    assert (copy / "windows.py").stat().st_mode & 0o100


def test_a_copy_has_the_texts_that_were_hashed(project: Path, tmp_path: Path) -> None:
    """Whatever becomes of the files after they were read."""
    texts = sources.contents(project, ["shop"])
    (project / "shop/reports/a.py").write_text("changed")
    patched_copy.make(project, tmp_path / "copy", texts)
    (project / "shop/reports/a.py").unlink()
    patched_copy.make(project, tmp_path / "again", texts)
    for name in ("copy", "again"):
        assert (tmp_path / name / "shop/reports/a.py").read_text() == FILES["shop/reports/a.py"]


@pytest.mark.parametrize("file", [".git/head", "env/lib.py", "reports/r.json", "shop/none.py"])
def test_a_patch_of_what_is_no_source_is_refused(project: Path, file: str) -> None:
    """Of files that tools keep in a project, too."""
    with pytest.raises(catalogue.InputError, match="is not a source"):
        load(project, ".", file, "x = 1", "")


def test_an_import_of_an_original_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of it would say nothing of the patch."""
    path = project / "shop" / "reports" / "a.py"
    spec = importlib.util.spec_from_file_location("original_of_a", path)
    assert spec is not None
    monkeypatch.setitem(sys.modules, "original_of_a", importlib.util.module_from_spec(spec))
    series_process._check_imports([project / "windows.py"])
    with pytest.raises(CouldNotRun, match="original_of_a was imported from"):
        series_process._check_imports([path])
