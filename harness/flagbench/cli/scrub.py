"""`flagbench scrub`: secrets and identities out of cassettes that are there already."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from flagbench.cassette import cleaning, scrub
from flagbench.cassette.cleaning import Cleaned
from flagbench.cli import output
from flagbench.cli.progress_bar import tracked
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.plain_console import plain_console


@click.command("scrub")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if something would change.")
def scrub_(paths: Sequence[Path], check: bool) -> None:
    """Replace secrets and identities in cassettes and in journals (`.part`).

    PATHS are files or folders of them; without any, ./cassettes. What has the shape of a well-known
    key is replaced, and every value of this process's environment whose name says key, token,
    secret or password: export what may have leaked. Order and latency of the calls stay, and their
    digests are written again. A request that changes is no longer what the subject sends, and must
    be recorded again. The kind of what is replaced is shown, never its value.

    \b
    flagbench scrub --check            for CI and before a commit
    flagbench scrub cassettes/openai   clean them

    Exit codes: 0 clean or cleaned, 1 --check found something, 2 wrong usage, 3 a file is damaged.
    """
    chosen = paths or (Path("cassettes"),)
    files = cleaning.files_in(path for path in chosen if path.exists())
    if not files:
        where = ", ".join(map(str, chosen))
        raise InputError(Problem("no cassettes", where=where, expected="*.yaml or *.yaml.part"))
    own = scrub.secrets_of(os.environ)
    console = plain_console(stderr=True)
    changed = 0
    with tracked(files, "cassettes", len(files), console) as shown:
        for path in shown:
            cleaned = cleaning.clean_file(path, own, is_check=check)
            changed += bool(cleaned.counts)
            for line in _lines(path, cleaned, is_check=check):
                output.say(line)
    verb = "would change" if check else "changed"
    output.say(f"{len(files)} files: {changed} {verb}")
    if check and changed:
        raise SystemExit(ExitCode.BROKEN)


def _lines(path: Path, cleaned: Cleaned, *, is_check: bool) -> list[str]:
    lines = [
        f"{path}: {kind} in {part}: {count} {'to replace' if is_check else 'replaced'}"
        for (kind, part), count in sorted(cleaned.counts.items())
    ]
    if cleaned.changed_requests:
        lines.append(
            f"{path}: the key of {cleaned.changed_requests} requests "
            f"{'would change' if is_check else 'changed'}: a replay that sends the old text no "
            "longer finds them; mend the prompt and record them again"
        )
    return lines
