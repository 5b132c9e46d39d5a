"""The store of accepted files: small, whole, or refused."""

import lzma
from pathlib import Path

import pytest

from flagbench.errors import InputError
from flagbench.verdict import accepted_files


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    """Also half a surrogate pair, which a model may send; equal texts give equal bytes."""
    path = accepted_files.path_of(tmp_path, "shop")
    assert accepted_files.load(path) == {}
    texts = {"b": "é\n", "a": "", "c": "\ud800"}
    accepted_files.save(path, texts)
    assert accepted_files.load(path) == texts
    before = path.read_bytes()
    accepted_files.save(path, dict(sorted(texts.items())))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"{}", lzma.compress(b"{"), lzma.compress(b"[]"), lzma.compress(b"{}")[:-9]]
)
def test_a_damaged_store_is_refused(tmp_path: Path, content: bytes) -> None:
    """With the command that fixes it."""
    path = tmp_path / "shop.files.xz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="--accept-baselines") as caught:
        accepted_files.load(path)
    assert str(path) in str(caught.value)
