"""The archive of a bundle: the same bytes for the same files, and refused with one byte changed."""

import io
import zipfile
from pathlib import Path

import pytest

from flagbench.errors import InputError
from flagbench.reproduction import archive

FILES = {"a.txt": b"some content", "project/b.yaml": b"key: value\n" * 3, "reports/c": b""}


def test_the_same_files_are_the_same_bytes() -> None:
    """In any order; and read back they are what was packed, with their digests."""
    packed = archive.pack(FILES)
    assert archive.pack(dict(reversed(FILES.items()))) == packed
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert opened.namelist() == sorted({*FILES, archive.DIGESTS})
        listed = opened.read(archive.DIGESTS).decode()
    assert [line.partition("  ")[2] for line in listed.splitlines()] == sorted(FILES)


def test_every_changed_byte_is_refused(tmp_path: Path) -> None:
    """Wherever it is; a byte of a file's content with the name of the file."""
    packed, path = archive.pack(FILES), tmp_path / "bundle.zip"
    path.write_bytes(packed)
    assert {name: content for name, content in archive.unpack(path).items() if name in FILES} == (
        FILES
    )
    for place in range(len(packed)):
        path.write_bytes(packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :])
        with pytest.raises(InputError):
            archive.unpack(path)
    for name, content in FILES.items():
        if content:
            path.write_bytes(packed.replace(content, bytes([content[0] ^ 1]) + content[1:], 1))
            with pytest.raises(InputError, match=f"{name} was changed"):
                archive.unpack(path)


def foreign(**files: bytes) -> bytes:
    """A zip of another program."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return written.getvalue()


def repacked(files: dict[str, bytes]) -> bytes:
    """An archive whose digests were not made for these files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return written.getvalue()


DIGESTS = zipfile.ZipFile(io.BytesIO(archive.pack(FILES))).read(archive.DIGESTS)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a whole zip"),
        (b"PK\x03\x04 half", "not a whole zip"),
        (foreign(**{"x.txt": b"x"}), "it has no digests.sha256"),
        (foreign(**{archive.DIGESTS: b"x"}), "compressed"),
        (repacked({archive.DIGESTS: b"", "../x": b"x"}), "is not the name of a file"),
        (repacked({archive.DIGESTS: b"", "/x": b"x"}), "is not the name of a file"),
        (repacked({archive.DIGESTS: b"", "x": b"x"}), "x is not listed"),
        (repacked({archive.DIGESTS: DIGESTS, **FILES, "a.txt": b"other"}), "a.txt differs from"),
        (repacked({archive.DIGESTS: DIGESTS, "a.txt": FILES["a.txt"]}), "b.yaml is missing"),
        (repacked({archive.DIGESTS: DIGESTS, **FILES}), "the archive was changed"),
    ],
)
def test_what_is_no_bundle_is_one_clear_error(tmp_path: Path, content: bytes, what: str) -> None:
    """Which names what is wrong, and what was expected."""
    path = tmp_path / "a bundle.zip"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        archive.unpack(path)
    assert what in str(caught.value)
    assert "expected: a bundle" in str(caught.value)
