"""Pure work that is kept between runs."""

import runpy
from pathlib import Path

import pytest

from flagbench_generators.kernel.disk_memo import FOLDER_VARIABLE, memoise


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, text: str) -> str:
        """The text in capitals."""
        self.done += 1
        return text.upper()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the environment names; it is not there yet."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "ein Ordner"))
    return tmp_path / "ein Ordner"


def test_without_a_folder_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call does the work."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    work = Work()
    assert [memoise("x", "a", work), memoise("x", "a", work)] == ["A", "A"]
    assert work.done == 2


def test_the_work_is_done_once_for_each_text_and_version(folder: Path) -> None:
    """Line ends and signs beyond ASCII come back as they were."""
    work = Work()
    text = "é\r\nb\n"
    assert [memoise("x-1", text, work), memoise("x-1", text, work)] == [text.upper()] * 2
    assert work.done == 1
    memoise("x-2", text, work)
    memoise("x-1", "other", work)
    assert work.done == 3


def test_a_damaged_file_is_made_again(folder: Path) -> None:
    """What does not decode is not believed."""
    memoise("x", "a", str.upper)
    (file,) = [one for one in folder.rglob("*") if one.is_file()]
    file.write_bytes(b"\xff")
    assert memoise("x", "a", str.upper) == "A"
    assert file.read_text().endswith("\nA")


def test_a_result_that_was_changed_is_made_again(folder: Path) -> None:
    """Also one that decodes: no flipped bit changes what is returned."""
    memoise("x", "ab", str.upper)
    (file,) = [path for path in folder.rglob("*") if path.is_file()]
    whole = file.read_bytes()
    for place in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        file.write_bytes(damaged)
        assert memoise("x", "ab", str.upper) == "AB"


def test_a_folder_that_cannot_be_used_costs_nothing_but_time(folder: Path) -> None:
    """Here a file stands where the folder should be."""
    folder.write_text("")
    assert memoise("x", "a", str.upper) == "A"


def test_a_text_that_cannot_be_written_is_made_all_the_same(folder: Path) -> None:
    """A lone surrogate has no UTF-8, and leaves nothing behind that would be read."""
    assert memoise("x", "\ud800", str.upper) == "\ud800"
    assert memoise("x", "\ud800", str.upper) == "\ud800"


def test_work_that_has_changed_is_done_again(folder: Path, tmp_path: Path) -> None:
    """What an earlier version of the function's file has made is not taken for its own."""
    made = []
    for body in ("upper", "lower"):
        path = tmp_path / f"{body}.py"
        path.write_text(f"def work(text):\n    return text.{body}()\n")
        made.append(memoise("x", "Ab", runpy.run_path(str(path))["work"]))
    assert made == ["AB", "ab"]
