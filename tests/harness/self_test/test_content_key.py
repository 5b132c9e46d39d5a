"""A kept result is that of one content: whatever a run depends on changes its key."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flagbench.acceptance import node
from flagbench.acceptance.enterprise import tools
from flagbench.self_test import content_key
from flagbench.self_test.catalogue import Case, Catalogue, Expect, Patch
from flagbench.self_test.series_process import Project

PROJECT = Project(pythonpath=("lib",), prices="prices.yaml", tokenizer="tokenizers:tokens.json")


@pytest.fixture(autouse=True)
def _as_a_new_process() -> Iterator[None]:
    """Nothing is remembered from call to call."""
    yield
    _forget()


def _forget() -> None:
    for cached in (content_key._machine, content_key._digest_of, content_key._imported):
        cached.cache_clear()


def key(folder: Path, project: Project = PROJECT) -> str:
    """The key in a new process."""
    _forget()
    return content_key.key({"src/a.py": b"a"}, ["s"], [folder / "s.yaml"], folder, project)


def _written(name: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    return lambda folder, _: (folder / name).write_text("other") and None


def _other_program(folder: Path, patched: pytest.MonkeyPatch) -> None:
    (folder / "nginx").write_text("")
    patched.setattr(tools, "program", lambda name: str(folder / "nginx"))


CHANGES = {
    "a file of the series": _written("s.yaml"),
    "prices": _written("prices.yaml"),
    "tokenizer": _written("tokens.json"),
    "code outside of the sources": _written("lib/helper.py"),
    "more code": _written("lib/more.py"),
    "packages of Node.js": lambda _, patched: patched.setattr(node, "packages", lambda: b"other"),
    "installed packages": lambda _, patched: patched.setattr(
        content_key, "installation", lambda: ("other", True)
    ),
    "a program": _other_program,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_what_a_run_reads_changes_the_key(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    """And nothing else does."""
    (tmp_path / "lib").mkdir()
    for name in ("s.yaml", "prices.yaml", "tokens.json", "lib/helper.py"):
        (tmp_path / name).write_text("a")
    before = key(tmp_path)
    assert key(tmp_path) == before
    change(tmp_path, monkeypatch)
    assert key(tmp_path) != before


@pytest.mark.parametrize("name", [name for name in Project.model_fields if name != "pythonpath"])
def test_a_setting_of_the_project_changes_the_key(tmp_path: Path, name: str) -> None:
    """Each of them, also where the file that it names is not there."""
    assert key(tmp_path) != key(tmp_path, PROJECT.model_copy(update={name: "other"}))


@pytest.mark.parametrize("field", [name for name in Case.model_fields if name != "expect"])
def test_each_field_of_a_case_changes_the_digest_of_the_catalogue(field: str) -> None:
    """A page of another catalogue is noticed by it."""
    case = Case(
        name="x", about="x", file="a", old="a", new="", run=("s",), expect=Expect.HARMLESS
    )  # fmt: skip
    others = {"run": ("t",), "also": (Patch(file="a", old="b", new="c"),)}
    other = case.model_copy(update={field: others.get(field, "other")})
    digests = {content_key.of_catalogue(Catalogue(("src",), (), (each,))) for each in (case, other)}
    assert len(digests) == 2


def test_names_and_contents_of_sources_change_their_digest() -> None:
    """A page of other code is noticed by it."""
    texts = [{"a": b"b"}, {"a": b"c"}, {"b": b"b"}, {"a": b"b", "b": b""}]
    assert len({content_key.of_sources(each) for each in texts}) == len(texts)
