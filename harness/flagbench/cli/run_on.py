"""`flagbench run --on`: a run on a cluster, merged into the reports of one machine."""

import contextlib
import hashlib
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from flagbench import writable
from flagbench.atomic_file import write_whole
from flagbench.cli import project_root
from flagbench.cli.merge import merge_into
from flagbench.cli.output import say
from flagbench.cluster.address import address_of
from flagbench.errors import FlagbenchError, InputError, Problem
from flagbench.plain_console import plain_console
from flagbench.pytest_plugin.exit_status import ExitStatusPlugin
from flagbench.pytest_plugin.items import OURS
from flagbench.report.shards import identity, shard_file

_KEPT = Path(".flagbench/cluster")
# What other options of pytest do would happen on the workers, or in each chunk by itself.
_PASSED = ("-k", "-m", "-v", "-vv", "-q", "-W", "-o", "-p", "--deselect", "--ignore")
_REFUSED = {
    "shard": "a cluster divides the run itself",
    "accept_baselines": "baselines are accepted from a run on one machine",
    "release": "baselines are accepted from a run on one machine",
}
_INPUTS = ("cassettes", "baselines")


@dataclass(frozen=True, slots=True)
class Place:
    """A run's options and arguments as they mean the same in a copy of the project.

    `reports` is the folder of the merged reports, `inputs` are folders that git may ignore, and
    `whole` is true if every series is shown.
    """

    root: Path
    chosen: dict[str, object]
    arguments: Sequence[str]
    reports: Path
    inputs: Sequence[Path]
    whole: bool

    @classmethod
    def of(cls, chosen: dict[str, object], arguments: Sequence[str]) -> "Place":
        """Raise `InputError` for what cannot be done on a cluster."""
        root = Path.cwd().resolve()
        project_root.check(root)
        _check_options(chosen, arguments)
        folders = {name: project_root.inside(root, str(chosen[name]), f"--{name}")
                   for name in _INPUTS if chosen[name]}  # fmt: skip
        return cls(
            root,
            {**chosen, **folders, "reports": None},
            [word if word.startswith("-") or not Path(word.partition("::")[0]).exists()
             else project_root.inside(root, word, "scenarios") for word in arguments],
            root / str(chosen["reports"] or "reports"),
            [root / folders.get(name, name) for name in _INPUTS],
            any(word.startswith("-v") or word == "--verbose" for word in arguments),
        )  # fmt: skip


def _check_options(chosen: dict[str, object], arguments: Sequence[str]) -> None:
    wrong = [
        Problem(f"--{name.replace('_', '-')} with --on", expected=f"one of them: {reason}")
        for name, reason in _REFUSED.items()
        if chosen.get(name)
    ]
    for word in arguments:
        option = word.partition("=")[0]
        if word.startswith("-") and option not in _PASSED:
            expected = (
                f"of pytest's options only {', '.join(_PASSED)}: the others act in each chunk"
            )
            wrong.append(Problem(f"{option} with --on", expected=expected))
    if wrong:
        raise InputError(wrong)


class _Items:
    """A plugin of pytest that notes the folders, the number and the cost of a run's series."""

    def __init__(self) -> None:
        self.folders: set[Path] = set()
        self.costs: list[int] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the items."""
        own = [item for item in session.items if isinstance(item, OURS)]
        self.costs = [item.place_and_cost()[1] for item in own]
        self.folders = {item.path.parent for item in own}


def run(on: str, words: Sequence[str], place: Place) -> int:
    """Run pytest with `words` on a cluster, and return the exit code of `flagbench run`."""
    from flagbench.cluster import engine, environment, project_tar  # noqa: PLC0415  an extra's
    from flagbench.cluster.chunk import Chunk  # noqa: PLC0415

    root, address = place.root, address_of(on)
    writable.check_folder(place.reports / "latest", "--reports")
    items = _collected(words)
    packed = project_tar.pack(root, [*place.inputs, *items.folders], [place.reports])
    digest, installed = project_tar.digest_of(packed), environment.installed()
    key = hashlib.sha256(json.dumps([digest, list(words), installed]).encode()).hexdigest()[:16]
    console = plain_console(stderr=True)
    with engine.connected(address) as cluster:
        console.print(f"dashboard: {cluster.dashboard}")
        kept = root / _KEPT / key
        of = _earlier(kept) or cluster.chunks(len(items.costs), sum(items.costs))
        folders = [kept / str(of) / str(number) for number in range(1, of + 1)]
        chunks = [
            Chunk(number, of, list(words), digest, installed)
            for number, folder in enumerate(folders, start=1)
            if not (folder / shard_file.FILE).is_file()
        ]
        ended = of - len(chunks)
        if ended:
            console.print(f"{ended} of {of} chunks are known from a run that did not end")
        try:
            for chunk, done in cluster.run(chunks, packed):
                # The shard's own file comes last: with it, a chunk is there.
                for name in sorted(done.files, key=lambda name: name == shard_file.FILE):
                    write_whole(folders[chunk.number - 1] / name, done.files[name])
                ended += 1
                console.print(f"{ended}/{of}: chunk {chunk.name} on {done.worker}")
        except BaseException:
            console.print(
                f"{ended} of {of} chunks are kept; the same command goes on with the others"
            )
            raise
    try:
        code = merge_into(
            folders, place.reports / "latest", root, whole=place.whole, unsent=identity.GIT
        )
    except FlagbenchError as error:
        if not isinstance(error.__cause__, OSError):  # what cannot be merged is of no use
            shutil.rmtree(kept)
        raise
    shutil.rmtree(kept)
    return code


def _collected(words: Sequence[str]) -> _Items:
    """The items of the run; what pytest cannot collect here ends the command as `flagbench run`."""
    items, status = _Items(), ExitStatusPlugin()
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        code = pytest.main([*words, "--collect-only", "-p", "no:xdist"], plugins=[items, status])
    if code != pytest.ExitCode.OK:
        say(said.getvalue().rstrip())
        raise SystemExit(status.exit_code(code))
    if not items.costs:
        what, expected = "no series was collected", "scenarios"
        raise InputError(Problem(what, "--on", expected))
    return items


def _earlier(kept: Path) -> int:
    """The number of chunks of a run that did not end, 0 without any."""
    return max((int(path.name) for path in kept.glob("[0-9]*")), default=0)
