"""Known cells: a cell is served only if nothing that it depends on has changed."""

import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import reading_subject
from bench import Bench
from house import House

from flagbench import observed_inputs
from flagbench.acceptance.proof_cache import PROOFS_FOLDER
from flagbench.checked_rows import CheckedRows
from flagbench.errors import InputError
from flagbench.scenario.loading import Scenario
from flagbench.series.known_cells import cell_keys, file_digests
from flagbench.series.known_cells.file_digests import FileDigests
from flagbench.series.known_cells.known_cells import FILE_NAME, KnownCells
from flagbench.series.known_cells.project_code import ProjectCode

# Files of a house that no cell depends on.
OTHERS = ("README.md", "baselines/tiny.json", "notes/words.txt", "scenarios/solutions/a.py")


@pytest.fixture
def reading(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose subject reads in every way; it counts as older than this process."""
    reading_subject.write(house.path)
    for name in OTHERS:
        (house.path / name).parent.mkdir(parents=True, exist_ok=True)
        (house.path / name).write_text("{}")
    monkeypatch.chdir(house.path)
    monkeypatch.syspath_prepend(str(house.path))
    monkeypatch.setattr(file_digests, "began", lambda: float("inf"))
    monkeypatch.setattr(cell_keys, "_is_of_project", lambda _: False)
    observed_inputs.of_process().clear()  # what other tests have read
    before = set(sys.modules)
    yield house
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("desk", "desk_late"):
            del sys.modules[name]


def options(house: House, **more: object) -> dict[str, object]:
    """Options of a run that keeps its cells."""
    return {"proofs": house.path / PROOFS_FOLDER, **more}


def measure(house: House, scenario: Scenario, **more: object) -> list[bool]:
    """Run the control; whether each of its cells was known."""
    runner = house.runner(**options(house, **more))
    cells = runner.cells(scenario, scenario.control)
    runner.close()
    return [cell.is_known for cell in cells]


def find(house: House, scenario: Scenario, **more: object) -> set[int]:
    """The trials of the control that are known."""
    prover = SimpleNamespace(obstacle=None)
    known = KnownCells(house.options(**options(house, **more)), prover)  # type: ignore[arg-type]
    return set(known.find(scenario, scenario.control))


def inputs_of(house: House) -> list[Path]:
    """The files that a cell of the house depends on."""
    names = [*reading_subject.FILES, "scenarios/tiny.yaml"]
    return [house.path / name for name in names] + [house.cassette(1)]


def edit(path: Path, rng: random.Random) -> None:
    """Change a file at random: a byte more, less or another, a line, or all of it."""
    old = path.read_bytes()
    place = rng.randrange(len(old) + 1)
    changes = [
        lambda: old[:place] + bytes([rng.randrange(256)]) + old[place:],
        lambda: old[:place] + old[place + 1 :],
        lambda: old[:place] + bytes([rng.randrange(256)]) + old[place + 1 :],
        lambda: old + b"\n",
        lambda: b"",
    ]
    new = rng.choice(changes)()
    path.write_bytes(old + b" " if new == old else new)


def test_no_edit_of_a_file_leaves_a_stale_cell(reading: House) -> None:
    """200 random edits of a file of subject, scenario or recording; of other files, none counts."""
    scenario, rng = reading.scenario, random.Random(17)  # noqa: S311  no secret
    assert measure(reading, scenario) == [False, False]
    assert find(reading, scenario) == {1, 2}
    served = []
    for _ in range(200):
        path = rng.choice(inputs_of(reading))
        before = path.read_bytes()
        if rng.random() < 0.1 and path != reading.scenario_file:
            path.unlink()
        else:
            edit(path, rng)
        trials = {2} if path == reading.cassette(1) else set()
        with suppress(InputError):  # a scenario that is wrong now has no cells
            if find(reading, reading.scenario if path.name == "first.txt" else scenario) != trials:
                served.append(path)
        path.write_bytes(before)
    assert served == []
    for name in OTHERS:
        edit(reading.path / name, rng)
    assert find(reading, scenario) == {1, 2}


@pytest.mark.parametrize(
    "name", ["desk/another.txt", "desk/parts/two.md", "data/more.txt", "tiny.py", "desk_late.txt"]
)
def test_a_file_that_is_added_is_an_edit(reading: House, name: str) -> None:
    """It may be read now, or be imported in place of another."""
    scenario = reading.scenario
    measure(reading, scenario)
    (reading.path / name).write_text("")
    assert find(reading, scenario) == set()


@pytest.mark.parametrize(
    ("variable", "is_input"), [("DESK_MODE", True), ("TZ", True), ("UNRELATED_MODE", False)]
)
def test_a_variable_that_was_read_is_an_input(
    reading: House, monkeypatch: pytest.MonkeyPatch, variable: str, *, is_input: bool
) -> None:
    """Its value counts, that of another does not."""
    scenario = reading.scenario
    measure(reading, scenario)
    monkeypatch.setenv(variable, "Asia/Tokyo")
    assert bool(find(reading, scenario)) is not is_input


@pytest.mark.parametrize(
    "body",
    [
        "import subprocess\n    subprocess.run(['true'], check=True)",
        "import os\n    os.system('true')",
        "import os\n    os.waitpid(pid, 0) if (pid := os.fork()) else os._exit(0)",
    ],
    ids=["a program", "a shell", "a fork"],
)
def test_a_cell_that_starts_a_program_is_never_known(reading: House, body: str) -> None:
    """Nothing tells what the program has read."""
    path = reading.path / "desk" / "subject.py"
    path.write_text(path.read_text().replace("    late =", f"    {body}\n    late ="))
    scenario = reading.scenario
    assert [measure(reading, scenario), measure(reading, scenario)] == [[False, False]] * 2


@pytest.mark.parametrize("more", [{"replay_all": True}, {"provisional": True}, {"proofs": None}])
def test_what_bypasses_known_cells(reading: House, more: dict[str, object]) -> None:
    """Asked to replay all, under other conditions, or without a folder."""
    scenario = reading.scenario
    measure(reading, scenario)
    assert measure(reading, scenario, **more) == [False, False]


def test_a_file_that_changed_during_the_run_is_not_kept(
    reading: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tells which of its contents was read."""
    scenario = reading.scenario
    monkeypatch.setattr(file_digests, "began", lambda: time.time() - 3600)
    assert measure(reading, scenario) == [False, False]
    monkeypatch.setattr(file_digests, "began", lambda: float("inf"))
    assert find(reading, scenario) == set()


@pytest.mark.parametrize(
    "name",
    ["data/words.txt", "data/more.txt", "desk/style.txt", "desk/parts/more.md", "prices.yaml"],
)
def test_a_cell_of_a_file_that_changed_meanwhile_is_not_kept(
    reading: House, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A file is edited or added between two series, and is as it was at the next run."""
    scenario, path = reading.scenario, reading.path / name
    (short,) = (each for each in scenario.combinations if each.id == "short")
    time.sleep(0.05)
    now = time.time()
    monkeypatch.setattr(file_digests, "began", lambda: now)
    runner = reading.runner(**options(reading))
    runner.cells(scenario, scenario.control)
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + b"\n")
    runner.cells(scenario, short)
    runner.close()
    path.unlink() if before is None else path.write_bytes(before)
    monkeypatch.setattr(file_digests, "began", lambda: float("inf"))
    prover = SimpleNamespace(obstacle=None)
    known = KnownCells(reading.options(**options(reading)), prover)  # type: ignore[arg-type]
    assert set(known.find(scenario, scenario.control)) == {1, 2}
    assert known.find(scenario, short) == {}


def test_what_a_library_found_in_the_installation_is_no_file_of_the_subject(
    reading: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept in the user's cache while the first cells run, which are known all the same."""
    cache = reading.path / "home cache"
    cache.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    path = reading.path / "desk" / "subject.py"
    # As stevedore does, which keeps nothing for a Python below /tmp.
    body = (
        "kept = Path(os.environ['XDG_CACHE_HOME'], 'python-entrypoints', 'a')\n"
        "    kept.parent.mkdir(parents=True, exist_ok=True)\n"
        "    kept.exists() or kept.write_text('found')\n    kept.read_text()"
    )
    path.write_text(path.read_text().replace("    late =", f"    {body}\n    late ="))
    time.sleep(0.05)
    now = time.time()
    monkeypatch.setattr(file_digests, "began", lambda: now)
    scenario = reading.scenario
    assert measure(reading, scenario) == [False, False]
    assert any(cache.rglob("python-entrypoints/*"))
    assert measure(reading, scenario) == [True, True]


def test_what_code_changes_in_this_process_counts(
    reading: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that a cell sets is an input of the cells after it, also of known ones."""
    scenario = reading.scenario
    measure(reading, scenario)
    prover = SimpleNamespace(obstacle=None)
    known = KnownCells(reading.options(**options(reading)), prover)  # type: ignore[arg-type]
    assert set(known.find(scenario, scenario.control)) == {1, 2}
    (short,) = (one for one in scenario.combinations if one.id == "short")
    assert known.find(scenario, short) == {}  # so its cells are run, and set the variable
    monkeypatch.setenv("DESK_MODE", "other")
    assert known.find(scenario, scenario.control) == {}


def test_a_damaged_row_is_not_there(reading: House) -> None:
    """Whatever bit of the file is another one: the cell as it was, or none."""
    scenario, rng = reading.scenario, random.Random(3)  # noqa: S311  no secret
    measure(reading, scenario)
    file = reading.path / PROOFS_FOLDER / FILE_NAME
    whole = file.read_bytes()
    for _ in range(20):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        file.write_bytes(damaged)
        assert find(reading, scenario) <= {1, 2}


def test_a_package_that_a_subject_does_not_import_is_no_input(tmp_path: Path) -> None:
    """An edit of a standard of one system leaves the cells of the others as they are."""
    code = ProjectCode(FileDigests(), CheckedRows(tmp_path / "rows", "imports"))
    systems = ("crud", "django_rest", "enterprise")
    read = {
        system: {
            Path(path).parts[Path(path).parts.index("flagbench_generators") + 1]
            for path in code.paths(code.of([f"flagbench_generators.{system}.subject"]))
        }
        for system in systems
    }
    assert all(set(systems) & read[system] == {system} for system in systems)
    assert all("kernel" in folders for folders in read.values())


def files_of(latest: Path) -> dict[str, object]:
    """The reports of a run, but what it took, and without the line that counts known cells."""
    return {
        path.relative_to(latest).as_posix(): [
            line
            for line in path.read_text().splitlines()
            if line and "cells were known" not in line
        ]
        if path.suffix in (".md", ".html")
        else path.read_bytes()
        for path in latest.rglob("*")
        if path.is_file() and path.name != "overhead.json"
    }


def known_in(latest: Path) -> int:
    """The known cells of a run."""
    counts = json.loads((latest / "overhead.json").read_text())["known_cells"]["tiny"]
    return sum(counts.values())


def test_reports_of_known_cells_are_those_of_a_whole_run(bench: Bench) -> None:
    """Every format, byte for byte, also of two workers; an edit is measured."""
    reading_subject.write(bench.house.path)
    time.sleep(0.05)  # files are older than the process that reads them
    bench.apart("scenarios")
    assert known_in(bench.latest) == 0
    whole = files_of(bench.latest)
    done = bench.apart("scenarios", "-n2")
    assert "8 of 8 cells were known" in done.stdout
    assert known_in(bench.latest) == 8
    assert files_of(bench.latest) == whole
    assert {"report.md", "report.html", "cells.jsonl", "cells.parquet", "summary.json"} <= set(
        whole
    )
    (bench.house.path / "data" / "words.txt").write_text("other words")
    time.sleep(0.05)
    bench.apart("scenarios")
    assert known_in(bench.latest) == 0
    assert files_of(bench.latest)["cells.jsonl"] != whole["cells.jsonl"]
