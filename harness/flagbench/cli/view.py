"""`flagbench view`: the last run in a browser, from its verdicts down to each call."""

import webbrowser
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from flagbench import writable
from flagbench.cli import folder_options, ini_lines, output
from flagbench.errors import InputError, Problem
from flagbench.run.options import Options

_SUFFIXES = (".yaml", ".yml")


@click.command()
@click.argument("scenarios", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--port", type=click.IntRange(0, 65535), default=8124, show_default=True,
              help="0 takes a free one.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address, open nothing.")
@click.option("--export", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write the pages as files into an empty folder, for an artefact of CI.",
              )  # fmt: skip
@click.option("--results", type=click.Path(path_type=Path), default=Path("reports/latest"),
              show_default=True, help="The folder of the run.")  # fmt: skip
@folder_options.cassettes
def view(
    scenarios: Sequence[Path],
    port: int,
    no_browser: bool,
    export: Path | None,
    results: Path,
    cassettes: Path,
) -> None:
    """Show the last run: scenarios, cells, calls with prompt and answer, two cells side by side.

    SCENARIOS are the files or folders of the run, by default those of the project. A cell is
    replayed when it is looked at. The pages are served on 127.0.0.1 until Ctrl-C, and ask for
    nothing elsewhere.

    \b
    flagbench view
    flagbench view --export site     the same pages as files
    """
    if export is not None:
        writable.check_folder(export, "--export")
    folder = Path.cwd()
    options = Options(
        cassettes=cassettes.absolute(), baselines=folder / "baselines",
        reports=results.absolute().parent, folder=results.absolute().name,
    )  # fmt: skip
    paths = _files(scenarios or ini_lines.scenario_folders(Path()))
    prepare = partial(ini_lines.use_pythonpath, folder)
    from flagbench.view import export as export_  # noqa: PLC0415  the server's libraries are not needed
    from flagbench.view import server  # noqa: PLC0415
    from flagbench.view.library import Library  # noqa: PLC0415

    if export is not None:
        prepare()
        written = export_.write(Library(options, paths), export)
        output.say(f"{written:,} pages in {export}: open {export / 'index.html'}")
        return
    Library(options, paths).summary  # noqa: B018  a missing run is reported before the server starts

    def ready(address: str) -> None:
        output.say(f"flagbench view: {address} (Ctrl-C ends it)")
        if not no_browser:
            webbrowser.open(address)

    server.serve(options, paths, port=port, prepare=prepare, on_ready=ready)


def _files(places: Sequence[Path]) -> list[Path]:
    """The scenario files that are named, and those in named folders."""
    found = []
    for place in places:
        if place.is_dir():
            found += sorted(path for path in place.iterdir() if path.suffix in _SUFFIXES)
        elif place.exists():
            found.append(place)
    if not found:
        named = ", ".join(map(str, places))
        raise InputError(Problem("no scenarios", where=named, fix="flagbench view FOLDER"))
    return found
