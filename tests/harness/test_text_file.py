"""Reading of text files: regular ones, of a bounded size, in UTF-8."""

import os
from pathlib import Path

import pytest

from flagbench import text_file


def test_a_text_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    """Up to the greatest size, and no further."""
    path = tmp_path / "x"
    path.write_bytes(b"\xef\xbb\xbf\xc3\xbc")
    assert text_file.read(path) == "ü"
    assert text_file.read(path, max_bytes=5) == "ü"
    with pytest.raises(OSError, match="longer than 4 bytes"):
        text_file.read(path, max_bytes=4)


def test_what_is_not_a_regular_file_is_refused(tmp_path: Path) -> None:
    """A device that never ends, a pipe that nobody writes to, a folder, a link to one of them."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (Path("/dev/zero"), tmp_path / "pipe", tmp_path / "link"):
        with pytest.raises(OSError, match="not a regular file"):
            text_file.read(path)
    with pytest.raises(OSError, match="Is a directory"):
        text_file.read(tmp_path)
