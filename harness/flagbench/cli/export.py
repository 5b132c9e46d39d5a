"""`flagbench export`: tables and figures of a run for a paper, and a research bundle."""

from collections.abc import Sequence
from pathlib import Path

import click

from flagbench import closed_pipe, writable
from flagbench.atomic_file import is_stream, write_whole
from flagbench.cli import ini_lines
from flagbench.cli.output import say
from flagbench.errors import InputError, Problem
from flagbench.export import figures as figures_
from flagbench.export import tables as tables_
from flagbench.measurement.results import LATEST
from flagbench.reproduction import bundle as bundle_
from flagbench.reproduction import stored_run
from flagbench.shell_command import shell_command

_INI = ("flagbench_tokenizer", "flagbench_prices")


@click.command()
@click.argument("run", default=LATEST, type=click.Path(path_type=Path))
@click.option("--tables", multiple=True, type=click.Choice(list(tables_.FORMATS)),
              help="Write every table; repeatable.")  # fmt: skip
@click.option("--figures", multiple=True, type=click.Choice(figures_.FORMATS),
              help="Write every figure; repeatable.")  # fmt: skip
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=Path("export"),
              show_default=True, help="The folder of tables and figures.")  # fmt: skip
@click.option("--bundle", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write one archive that reproduces the run anywhere.")  # fmt: skip
@click.option("--date", default="", metavar="YYYY-MM-DD",
              help="Day of publication in the bundle. [default: that of the commit, else today]",
              )  # fmt: skip
def export(
    run: Path,
    tables: Sequence[str],
    figures: Sequence[str],
    into: Path,
    bundle: Path | None,
    date: str,
) -> None:
    """Write the tables and figures of RUN, a folder of reports, as files for a paper.

    It is run at the root of the project. A bundle has the recordings, scenarios, results, digests,
    lock, environment and licence of the run, with RO-Crate metadata, for `flagbench reproduce`.

    \b
    flagbench export --tables csv --tables latex --figures pdf
    flagbench export reports/latest --bundle bundle.zip
    """
    if not tables and not figures and bundle is None:
        expected = "--tables, --figures or --bundle"
        raise InputError(Problem("nothing to export", "", expected, "flagbench export --help"))
    if not run.is_dir():
        what = "no folder of reports"
        raise InputError(Problem(what, str(run), "the folder of a run", "flagbench run"))
    stored_run.check_whole(run)
    if tables or figures:
        writable.check_folder(into, "--into")
    if bundle is not None:
        writable.check_file(bundle, "--bundle")
    if tables:
        _say(tables_.write(run, into, tables), into)
    if figures:
        _say(figures_.write(run, into, figures), into)
    if bundle is not None:
        root = Path.cwd()
        ini_lines.use_pythonpath(root)
        _, _, own = ini_lines.configured(root)
        ini = {key: str(own[key]) for key in _INI if own.get(key)}
        folders = ini_lines.python_folders(root)
        content = bundle_.write(run, root, ini=ini, python_folders=folders, date=date)
        with closed_pipe.ends_quietly():
            write_whole(bundle, content)
        command = shell_command("flagbench", "reproduce", bundle)
        say(f"{bundle}: {len(content):,} bytes; {command}", err=is_stream(bundle))


def _say(written: Sequence[Path], into: Path) -> None:
    say(f"{len(written)} files in {into}")
