"""Refuted files: kept once, by content, until a run no longer refutes them."""

from pathlib import Path

from flagbench.measurement.measurement import digest
from flagbench.series import refuted_files


def test_a_file_is_kept_under_its_digest(tmp_path: Path) -> None:
    """Half a character too; two contents of a path are two files."""
    for text in ("a", "a", "b \ud800"):
        refuted_files.write(tmp_path, "app/a.py", text)
    paths = [refuted_files.path_of("app/a.py", digest(text)) for text in ("a", "b \ud800")]
    assert paths[0] == f"artifacts/{digest('a')[:12]}-a.py"
    assert [(tmp_path / path).read_bytes() for path in paths] == [b"a", b"b \xed\xa0\x80"]
    assert len(list((tmp_path / "artifacts").iterdir())) == 2


def test_what_earlier_runs_kept_is_removed(tmp_path: Path) -> None:
    """Without a folder there is nothing to remove."""
    refuted_files.remove_others(tmp_path, [])
    for text in ("old", "new"):
        refuted_files.write(tmp_path, "app/a.py", text)
    path = refuted_files.path_of("app/a.py", digest("new"))
    refuted_files.remove_others(tmp_path, [path])
    assert list(tmp_path.glob("artifacts/*")) == [tmp_path / path]
