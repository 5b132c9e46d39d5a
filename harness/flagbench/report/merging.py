"""Merging of shards: all of one run are read and checked before anything is written."""

import ast
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.errors import CouldNotRun, ExitCode, FlagbenchError, InputError, Problem
from flagbench.measurement import unfinished_run
from flagbench.report import publish
from flagbench.report.publish import Finished
from flagbench.report.series_report import SeriesReport
from flagbench.report.shards import identity, shard_file
from flagbench.report.shards.shard_file import Shard
from flagbench.report.shared_values import SharedValues
from flagbench.run.options import Options
from flagbench.shell_command import shell_command

# The exit code of a run is the first of these that a part of it has.
_WORST = (
    ExitCode.WRONG_INPUT, ExitCode.BROKEN, ExitCode.COULD_NOT_RUN, ExitCode.PROVISIONAL,
)  # fmt: skip
_TOGETHER = "shards of one run"


@dataclass(frozen=True, slots=True)
class Part:
    """A shard that was read from a folder."""

    folder: Path
    shard: Shard
    series: Sequence[SeriesReport]

    def __str__(self) -> str:
        return f"{self.folder} (shard {self.shard.name})"


def merge(
    folders: Sequence[Path], into: Path, root: Path, unsent: Collection[str] = ()
) -> tuple[Finished, int]:
    """Write the reports of the whole run; returns them with the exit code of the run.

    `root` is the root of the project, in the state in which the shards were run; `unsent` are the
    parts of an identity that shards cannot have where only files were sent there. Raises
    `InputError` for a damaged, doubled or foreign shard, `CouldNotRun` for a missing or unfinished
    one, each with all problems and before anything is written, and `OSError`.
    """
    parts = _checked(folders, into, root, unsent)
    first = parts[0].shard
    options = Options(
        cassettes=identity.path_of(first.folders.cassettes, root),
        baselines=identity.path_of(first.folders.baselines, root),
        reports=into.parent,
        folder=into.name,
        trials=_trials(first),
        tokenizer=ast.literal_eval(first.identity["option tokenizer"]),
        prices=identity.path_of(first.folders.prices, root) if first.folders.prices else None,
    )
    shared = SharedValues().shared
    unfinished_run.begin(into, writes=True)
    for part in parts:
        for name in shard_file.refuted(part.series):
            write_whole(into / name, (part.folder / name).read_bytes())
    finished = publish.finish(
        (shared(member) for part in parts for member in part.series),
        options,
        root=root,
        interrupted=False,
        crashes=sum(part.shard.crashes for part in parts),
        folders=[identity.path_of(text, root) for text in first.folders.project],
    )
    unfinished_run.end(into)
    codes = {part.shard.exit_code for part in parts}
    return finished, next((code for code in _WORST if code in codes), ExitCode.KEPT)


def _trials(shard: Shard) -> int | None:
    text = shard.identity["option trials"]
    return None if text == repr(None) else int(text)


def _checked(
    folders: Sequence[Path], into: Path, root: Path, unsent: Collection[str]
) -> list[Part]:
    """The parts by their number."""
    wrong, lost, parts = list[Problem](), list[Problem](), list[Part]()
    for folder in folders:
        if folder.resolve() == into.resolve():
            expected = "a shard in a folder of its own"
            wrong.append(Problem("the merged reports would replace it", str(folder), expected))
        elif (folder / unfinished_run.MARK).exists():
            what = "the run of this shard has not ended"
            lost.append(Problem(what, str(folder), "", shard_file.FIX))
        else:
            try:
                parts.append(Part(folder, *shard_file.read(folder)))
            except FlagbenchError as error:
                wrong += error.problems
    wrong += [problem for part in parts for problem in _damaged_files(part)]
    lost += [
        Problem("it was interrupted", str(part), "", shard_file.FIX)
        for part in parts
        if part.shard.interrupted
    ]
    if parts:
        reference = _reference(parts)
        own = [part for part in parts if part.shard.identity == reference.identity]
        foreign = [problem for part in parts for problem in _foreign(part, reference)]
        wrong += foreign or _elsewhere(reference, root, unsent)
        wrong += _doubled(own)
        # A shard that was named, and cannot be used, is not missing too.
        unknown = len(wrong) + len(lost) > 0 and len(parts) < len(folders)
        if not unknown and not foreign:
            lost += _missing(own, reference)
    if wrong:
        raise InputError([*wrong, *lost])
    if lost:
        raise CouldNotRun(lost)
    return sorted(parts, key=lambda part: part.shard.number)


def _reference(parts: Sequence[Part]) -> Shard:
    """A shard of the run that most of the parts are of."""
    keys = [tuple(sorted(part.shard.identity.items())) for part in parts]
    most, _ = Counter(keys).most_common(1)[0]
    return parts[keys.index(most)].shard


def _foreign(part: Part, reference: Shard) -> Iterator[Problem]:
    differences = _differences(part.shard.identity, reference.identity)
    if differences:
        yield Problem(f"a shard of another run: {differences}", str(part), _TOGETHER)


def _elsewhere(reference: Shard, root: Path, unsent: Collection[str]) -> Iterator[Problem]:
    """The difference of this place from that of the shards: other bytes would be written here."""
    place = identity.of_place(reference.folders, root)
    here = {name: value for name, value in place if name not in unsent}
    differences = _differences(here, {name: reference.identity.get(name, "") for name in here})
    if differences:
        expected = "the checkout and the installation that the shards were run with"
        yield Problem(f"not where the shards were run: {differences}", str(root), expected)


def _differences(found: Mapping[str, str], expected: Mapping[str, str]) -> str:
    return "; ".join(
        f"{name} is {found.get(name, 'unknown')}, the others have {expected.get(name, 'none')}"
        for name in sorted({*found, *expected})
        if found.get(name) != expected.get(name)
    )


def _doubled(parts: Sequence[Part]) -> Iterator[Problem]:
    by_number: dict[int, list[Part]] = {}
    for part in parts:
        by_number.setdefault(part.shard.number, []).append(part)
    for same in by_number.values():
        if len(same) > 1:
            where = ", ".join(str(part.folder) for part in same)
            yield Problem(f"shard {same[0].shard.name} is there {len(same)} times", where, "once")


def _missing(parts: Sequence[Part], reference: Shard) -> Iterator[Problem]:
    known = {part.shard.number for part in parts}
    for number in range(1, reference.of + 1):
        if number not in known:
            name = f"{number}/{reference.of}"
            fix = shell_command("flagbench", "run", "--shard", name)
            yield Problem(f"shard {name} is missing", "", f"all {reference.of}", fix)


def _damaged_files(part: Part) -> Iterator[Problem]:
    """A problem for each refuted file that is not as it was written."""
    for name, digest in shard_file.refuted(part.series).items():
        path = part.folder / name
        if not path.is_file():
            yield Problem("a refuted file is missing", str(path), "", shard_file.FIX)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield Problem("a refuted file is damaged", str(path), "", shard_file.FIX)
