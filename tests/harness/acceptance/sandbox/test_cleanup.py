"""Removing what a child has left."""

import os
from pathlib import Path

from flagbench.acceptance.sandbox.cleanup import remove_tree


def test_everything_goes(tmp_path: Path) -> None:
    """Files, folders in folders, and links, whose targets stay."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    folder = tmp_path / "folder"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "file").touch()
    (folder / "a" / "link").symlink_to(kept)
    (folder / "link").symlink_to(kept / "file")
    remove_tree(str(folder))
    assert list(tmp_path.iterdir()) == [kept]
    assert (kept / "file").exists()


def test_deep(tmp_path: Path) -> None:
    """Folders deeper than recursion goes and than a path can name."""
    here = os.open(".", os.O_RDONLY)
    folder = tmp_path / "folder"
    folder.mkdir()
    try:
        os.chdir(folder)
        for _ in range(1500):
            Path("deeper").mkdir()
            os.chdir("deeper")
    finally:
        os.chdir(here)
        os.close(here)
    remove_tree(str(folder))
    assert list(tmp_path.iterdir()) == []


def test_guarded(tmp_path: Path) -> None:
    """Folders that may not be read or written."""
    folder = tmp_path / "folder"
    (folder / "a" / "b").mkdir(parents=True)
    for guarded in (folder / "a" / "b", folder / "a", folder):
        guarded.chmod(0)
    remove_tree(str(folder))
    assert list(tmp_path.iterdir()) == []


def test_not_there(tmp_path: Path) -> None:
    """What is not there need not be removed."""
    remove_tree(str(tmp_path / "nowhere"))
