"""A page takes its pictures from an earlier one, and draws what that has not shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench import Bench

from flagbench.checked_rows import CheckedRows
from flagbench.report import kept_pages, svg
from flagbench.report.html import kept_pictures
from flagbench.report.html.kept_pictures import FILE_NAME, KeptPictures
from flagbench.report.svg import Figure, sheet


@dataclass(frozen=True)
class Line:
    """Draws a line to a height."""

    height: float

    def __call__(self, axes: object) -> dict[str, str]:
        """Draw it."""
        axes.plot([0, 1], [0, self.height], gid="line")  # type: ignore[attr-defined]
        return {"line": f"to {self.height}"}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the figures that are really drawn."""
    names, original = list[str](), svg._drawn
    monkeypatch.setattr(svg, "_drawn", lambda figure: names.append(figure.name) or original(figure))
    monkeypatch.setattr(kept_pictures, "installation", lambda: ("one", True))
    yield names


def figure(name: str = "p", height: float = 1.0) -> Figure:
    """A figure."""
    return Figure(name, "t", "d", Line(height))


def test_only_what_was_never_shown_is_drawn(tmp_path: Path, drawn: list[str]) -> None:
    """Each part of a figure counts; the picture is the same."""
    first = [figure("p"), figure("q")]
    KeptPictures(tmp_path).draw(first)
    assert drawn == ["p", "q"]
    drawn.clear()
    again = [figure("q"), figure("p")]
    KeptPictures(tmp_path).draw(again)
    assert (again[0].svg, again[1].svg) == (first[1].svg, first[0].svg)
    assert drawn == []
    others = [
        figure("r"), figure("p", 2.0), Figure("p", "T", "d", Line(1.0)),
        Figure("p", "t", "D", Line(1.0)), Figure("p", "t", "d", Line(1.0), sheet(99)),
    ]  # fmt: skip
    KeptPictures(tmp_path).draw([*others, figure("q")])
    assert len(drawn) == len(others)
    pictures = {other.svg for other in others}
    assert len(pictures - {first[0].svg}) == len(others)


def test_another_installation_draws_anew(
    tmp_path: Path, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is being changed keeps nothing and takes nothing."""
    KeptPictures(tmp_path).draw([figure()])
    for digest, is_settled in (("two", True), ("one", False), ("three", False), ("three", True)):
        drawn.clear()
        monkeypatch.setattr(kept_pictures, "installation", lambda d=digest, s=is_settled: (d, s))
        one = figure()
        KeptPictures(tmp_path).draw([one])
        assert one.svg
        assert drawn == ["p"]


def test_a_damaged_picture_is_drawn(tmp_path: Path, drawn: list[str]) -> None:
    """Never one that is not what was drawn."""
    one = figure()
    KeptPictures(tmp_path).draw([one])
    content = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(content.replace(b"to 1.0", b"to 9.0"))
    for name in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    drawn.clear()
    again = figure()
    KeptPictures(tmp_path).draw([again])
    assert (again.svg, drawn) == (one.svg, ["p"])


@pytest.mark.thorough
def test_a_run_without_edits_draws_nothing(bench: Bench) -> None:
    """Not one picture of any section; the page has the same bytes. `--fresh` draws everything."""
    store_folder = bench.house.path / ".flagbench"
    store = CheckedRows(store_folder / FILE_NAME, "pictures")
    assert bench.apart("scenarios").returncode in (0, 1)
    page, kept = (bench.latest / "report.html").read_bytes(), store.everything()
    assert len(kept) == page.count(b"<svg") > 2
    # As a mark of what is taken: a picture that is drawn again would not have it.
    store.put({key: row.replace(b"</title>", b" (kept)</title>", 1) for key, row in kept.items()})
    (store_folder / kept_pages.FILE_NAME).unlink()  # else the whole page is taken
    bench.apart("scenarios")
    again = (bench.latest / "report.html").read_bytes()
    assert again.count(b" (kept)</title>") == len(kept)
    assert again.replace(b" (kept)</title>", b"</title>") == page
    for option in ("--flagbench-no-proof-cache", "--flagbench-fresh"):
        bench.apart("scenarios", option)
        assert b" (kept)</title>" not in (bench.latest / "report.html").read_bytes()
