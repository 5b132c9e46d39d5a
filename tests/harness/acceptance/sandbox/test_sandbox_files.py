"""Hostile code and files: those of the machine, and more than there is room for."""

import os
from pathlib import Path

import pytest
from attacks import EXECUTOR, NOT_THERE, PROJECT, fault, run

from flagbench.acceptance.sandbox.sandbox import Misbehaved, Sandbox


def test_home(sandbox: Sandbox) -> None:
    """The home directory cannot be listed."""
    code = f"import os; result = os.listdir({str(Path.home())!r})"
    assert fault(sandbox, code).startswith(tuple(f"Raised: {one}" for one in NOT_THERE))


@pytest.mark.parametrize("name", ["pyproject.toml", "tests/conftest.py", ".git/config"])
def test_project(sandbox: Sandbox, name: str) -> None:
    """The project's own files cannot be read."""
    code = f"open({str(PROJECT / name)!r})"
    assert fault(sandbox, code).startswith(tuple(f"Raised: {one}" for one in NOT_THERE))


@pytest.mark.parametrize("name", ["/etc/shadow", "/etc/hostname", "/proc/self/environ"])
def test_system(sandbox: Sandbox, name: str) -> None:
    """Neither can the machine's."""
    told = fault(sandbox, f"open({name!r}).read()")
    assert told.startswith(tuple(f"Raised: {one}" for one in NOT_THERE))


@pytest.mark.parametrize("name", ["/etc/passwd", "/etc/group"])
def test_names_of_the_machine(sandbox: Sandbox, name: str) -> None:
    """Names of users and groups are invented, where programs need any."""
    told = fault(sandbox, f"result = open({name!r}).read()")
    assert not [line for line in Path(name).read_text().splitlines() if line in told]


def test_environment_of_the_run(sandbox: Sandbox) -> None:
    """The environment of the test run cannot be read by its number."""
    told = fault(sandbox, f"open('/proc/{os.getpid()}/environ').read()")
    assert told.startswith(tuple(f"Raised: {one}" for one in NOT_THERE))


def test_link_out(sandbox: Sandbox) -> None:
    """A link out of the directory leads nowhere."""
    project = str(PROJECT / "pyproject.toml")
    told = fault(sandbox, f"import os; os.symlink({project!r}, 'out'); open('out').read()")
    assert told.startswith(tuple(f"Raised: {one}" for one in NOT_THERE))


def test_writing_outside(sandbox: Sandbox, tmp_path: Path) -> None:
    """Nothing is written outside: not beside a package, not in the temporary directory."""
    for place in (Path(pytest.__file__).parent, tmp_path, Path("/"), Path("/usr/lib")):
        told = fault(sandbox, f"open({str(place / 'flagbench-was-here')!r}, 'w')")
        assert told.startswith(("Raised: OSError", *(f"Raised: {one}" for one in NOT_THERE)))
        assert not (place / "flagbench-was-here").exists()


def test_temporary_files(sandbox: Sandbox) -> None:
    """The temporary directory is the child's own."""
    code = "import tempfile, os; result = os.path.dirname(tempfile.mkdtemp()) == os.getcwd()"
    assert run(sandbox, code) is True


@pytest.mark.parametrize(
    "name", ["../out", "a/../../out", "/out", "", ".", "a\0b", "x" * 300, "a\ud800"]
)
def test_bad_paths(sandbox: Sandbox, name: str) -> None:
    """A file whose path leads out, or is none, is refused before anything is written."""
    with pytest.raises(Misbehaved, match="the path"), sandbox.child(EXECUTOR, {name: ""}):
        pass


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": "", "a/b": ""}, "'a' is a file and a folder"),
        ({"a": "", "./a": ""}, "two files 'a'"),
        ({"a": "\ud800"}, "the file 'a' is not text"),
        ({"a": "x" * 3_000_000}, "take more than 2 MiB"),
        ({str(one): "" for one in range(60)}, "more than 50 files"),
    ],
)
def test_bad_files(sandbox: Sandbox, files: dict[str, str], told: str) -> None:
    """So are files that cannot be written."""
    with pytest.raises(Misbehaved, match=told), sandbox.child(EXECUTOR, files):
        pass


def test_big_file(sandbox: Sandbox) -> None:
    """One file cannot fill the disk."""
    told = fault(sandbox, "with open('big', 'wb') as f:\n    while True: f.write(bytes(65536))")
    assert told == "Raised: OSError: [Errno 27] File too large"


def test_many_big_files(full: Sandbox) -> None:
    """Nor can several."""
    code = "import itertools\nfor n in itertools.count(): open(str(n), 'wb').write(bytes(10**6))"
    assert fault(full, code) == "Raised: OSError: [Errno 28] No space left on device"


def test_many_small_files(full: Sandbox) -> None:
    """Nor can many empty ones."""
    code = "import itertools\nfor n in itertools.count(): open(str(n), 'wb').close()"
    told = fault(full, code)
    assert told.startswith("Raised: OSError: [Errno 28] No space left on device")


def test_deep_folders(sandbox: Sandbox) -> None:
    """Folders deeper than a path can name are removed with the child."""
    code = "import os\nfor _ in range(60): os.mkdir('d' * 200); os.chdir('d' * 200)"
    run(sandbox, code)
    folder = Path(sandbox._server._folder)
    assert [one.name for one in folder.iterdir() if one.name != "warm"] == []
