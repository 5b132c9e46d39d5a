"""A deterministic zip archive with the digest of each of its files, and its strict reader."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from flagbench.errors import InputError, Problem

DIGESTS = "digests.sha256"
# A zip cannot be older. The time of the export would make two exports differ.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
MAX_BYTES = 1 << 31
_EXPECTED = "a bundle as `flagbench export --bundle` wrote it"
_FIX = "fetch the bundle again"


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive of some files, with `DIGESTS` as sha256sum writes it.

    Nothing is compressed, since compressors differ in their versions.
    """
    listed = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(files.items())
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted({**files, DIGESTS: listed.encode()}.items()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system, entry.external_attr = 3, _MODE  # as on Unix, everywhere
            archive.writestr(entry, content)
    return written.getvalue()


def unpack(path: Path) -> dict[str, bytes]:
    """The files of an archive. Raises `InputError` for a changed, missing or foreign one."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(Problem(f"larger than {MAX_BYTES:,} bytes", str(path), _EXPECTED))
        whole = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", str(path))) from error
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            entries = archive.infolist()
            if DIGESTS not in archive.namelist():
                raise InputError(Problem(f"it has no {DIGESTS}", str(path), _EXPECTED))
            files = {entry.filename: _read(archive, entry, path) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise InputError(
            Problem(f"not a whole zip: {error}", str(path), _EXPECTED, _FIX)
        ) from error
    _check(files, path)
    made = pack({name: content for name, content in files.items() if name != DIGESTS})
    if made != whole:
        place = next(k for k in range(len(whole)) if made[k : k + 1] != whole[k : k + 1])
        before = [entry for entry in entries if entry.header_offset <= place]
        near = before[-1].filename if before else "its first bytes"
        what = f"the archive was changed at byte {place:,}, beside the content of {near}"
        raise InputError(Problem(what, str(path), _EXPECTED, _FIX))
    return files


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    name = PurePosixPath(entry.filename)
    if name.is_absolute() or ".." in name.parts or "\\" in entry.filename or entry.is_dir():
        what = f"{entry.filename!r} is not the name of a file in a bundle"
        raise InputError(Problem(what, str(path), _EXPECTED))
    if entry.compress_type != zipfile.ZIP_STORED:
        what = f"{entry.filename} is compressed: another program made this zip"
        raise InputError(Problem(what, str(path), _EXPECTED))
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, EOFError) as error:
        raise InputError(
            Problem(f"{entry.filename} was changed", str(path), _EXPECTED, _FIX)
        ) from error


def _check(files: Mapping[str, bytes], path: Path) -> None:
    """Hold the files against their digests."""
    listed = dict[str, str]()
    for line in files[DIGESTS].decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    problems = [
        Problem(f"{name} {what}", str(path), _EXPECTED, _FIX)
        for name in sorted({*listed, *files} - {DIGESTS})
        if (what := _wrong(files.get(name), listed.get(name)))
    ]
    if problems:
        raise InputError(problems)


def _wrong(content: bytes | None, digest: str | None) -> str:
    if content is None:
        return "is missing"
    if digest is None:
        return f"is not listed in {DIGESTS}"
    return "" if hashlib.sha256(content).hexdigest() == digest else f"differs from {DIGESTS}"
