"""`flagbench merge`: the reports of a whole run, of its shards."""

from collections.abc import Collection, Sequence
from pathlib import Path

import click

from flagbench import writable
from flagbench.cli import ini_lines
from flagbench.errors import CouldNotRun, Problem
from flagbench.measurement.results import LATEST
from flagbench.plain_console import plain_console
from flagbench.report import merging, terminal
from flagbench.run.interrupts import interruptible


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--into", type=click.Path(path_type=Path), default=LATEST, show_default=True,
              help="Folder of the reports; the history is beside it.")  # fmt: skip
@interruptible("the shards are as they were: merge again")
def merge(folders: Sequence[Path], into: Path) -> None:
    """Join the shards of a run into the reports that one machine would have written.

    Each DIR has the reports of one shard, of `flagbench run --shard K/N`. It is run at the root
    of the project, on the commit of the shards. Nothing is replayed. Unless all shards are there,
    once, whole and of the same run, nothing is written.

    \b
    flagbench run --shard 1/2 --reports one        on one machine
    flagbench run --shard 2/2 --reports two        on another
    flagbench merge one/latest two/latest

    Exit codes: those of the whole run (0 all kept, 1 at least one broken, 2 wrong usage or input,
    3 could not run); 2 for a damaged, doubled or foreign shard, 3 for a missing or unfinished one.
    """
    writable.check_folder(into, "--into")
    root = Path.cwd()
    raise SystemExit(merge_into(folders, root / into, root))


def merge_into(
    folders: Sequence[Path],
    into: Path,
    root: Path,
    *,
    whole: bool = False,
    unsent: Collection[str] = (),
) -> int:
    """Merge shards, show the tables (all series if `whole`), and return the run's exit code."""
    ini_lines.use_pythonpath(root)  # the code of subjects is an input that reports state
    try:
        finished, code = merging.merge(folders, into, root, unsent)
    except OSError as error:
        what = f"the reports could not be written: {error}"
        fix = "make room, and merge again: the shards are as they were"
        raise CouldNotRun(Problem(what, str(into), "", fix)) from error
    terminal.show(finished, plain_console(width=terminal.TABLE_WIDTH), whole=whole)
    return code
