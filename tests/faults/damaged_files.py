"""Bits flipped in every kind of stored file."""

import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counted import CRASHED, SAME, TOLD, Row, outcome_of
from made_cells import row

from flagbench.acceptance.proof import Proof
from flagbench.acceptance.proof_cache import FILE_NAME, ProofCache
from flagbench.cassette import file, journal
from flagbench.measurement import results
from flagbench.report import history
from flagbench.verdict import baseline_trace
from flagbench_generators.kernel import disk_memo

ROOT = Path(__file__).parents[2]
FLIPS = 11_667
LOST, CHANGED = "left out", "CHANGED"
OUTCOMES = (TOLD, LOST, SAME, CHANGED, CRASHED)


@dataclass(frozen=True)
class Kind:
    """A kind of stored file. `read` gives what the file says, a list for independent parts."""

    name: str
    path: Path
    read: Callable[[], Any]


def kinds(folder: Path) -> list[Kind]:
    """Files of every kind in a folder, small ones as a run leaves them."""
    cassette = file.load(ROOT / "cassettes/simulated/student-lean/1.yaml", record_command="")
    recorded = folder / "1.yaml"
    recorded.write_bytes(cassette.path.read_bytes())
    unfinished = folder / "2.yaml"
    for interaction in cassette.interactions[:6]:
        journal.append(unfinished, interaction)
    steps = folder / "student-lean.steps.json"
    steps.write_bytes((ROOT / "baselines/student-lean.steps.json").read_bytes())
    runs = folder / "one.jsonl"
    settings = {"commit": "abc", "provider": "simulated", "model": "m", "requests": 1, "trials": 1}
    runs.write_text(
        "".join(
            history.line_of(
                {"schema_version": 1, "date": f"2026-01-0{day}T00:00:00Z", "digest": str(day),
                 "crashes": 0, "reruns": 0, "series": {"none": {"tokens": day}}, **settings}
            ) + "\n"
            for day in range(1, 9)
        ),
        encoding="utf-8",
    )  # fmt: skip
    proofs = {f"{n:064x}": Proof() if n % 2 else Proof.refuted("create", "409") for n in range(40)}
    for key, proof in proofs.items():
        ProofCache(folder).put(key, proof)
    cells = folder / results.CELLS_FILE
    cells.write_text("".join(results.lines_of([row(trial=trial) for trial in range(1, 9)], 8)))
    os.environ[disk_memo.FOLDER_VARIABLE] = str(folder / "memo")
    disk_memo.memoise("x", "a = 1\n", str.upper)
    (memo,) = (path for path in (folder / "memo").rglob("*") if path.is_file())
    return [
        Kind("cassette", recorded, lambda: file.load(recorded, record_command="").digest),
        Kind(
            "journal of a recording",
            journal.path_of(unfinished),
            lambda: [call.digest for call in journal.read(unfinished)],
        ),
        Kind("accepted steps", steps, lambda: baseline_trace.load(steps)),
        Kind("cells of a run", cells, lambda: results.load(cells)),
        Kind("history of runs", runs, lambda: list(history.load(runs))),
        Kind(
            "proof cache",
            folder / FILE_NAME,
            lambda: [(key, one) for key in proofs if (one := ProofCache(folder).get(key))],
        ),
        Kind("formatting memo", memo, lambda: disk_memo.memoise("x", "a = 1\n", str.upper)),
    ]


def read_again(kind: Kind, right: Any) -> str:
    """What reading a damaged file comes to."""
    found = kind.read()
    if found == right:
        return SAME
    is_part = isinstance(right, list) and [part for part in right if part in found] == found
    return LOST if is_part else CHANGED


def counts_of(kind: Kind, flips: int) -> Counter[str]:
    """The outcomes of flips at places of a fixed seed; the file is whole again afterwards."""
    right, whole = kind.read(), kind.path.read_bytes()
    chance = random.Random(kind.name)  # noqa: S311  no secret
    counts: Counter[str] = Counter()
    for _ in range(flips):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        for path in kind.path.parent.glob(f"{kind.path.name}-*"):  # of an open database
            path.unlink()
        kind.path.write_bytes(damaged)
        counts[outcome_of(lambda: read_again(kind, right))] += 1
    kind.path.write_bytes(whole)
    return counts


def rows() -> Iterator[Row]:
    """A row for each kind of file."""
    with tempfile.TemporaryDirectory() as folder:
        every = kinds(Path(folder))
        for place, kind in enumerate(every):
            flips = FLIPS // len(every) + (place < FLIPS % len(every))
            yield Row(kind.name, counts_of(kind, flips))
