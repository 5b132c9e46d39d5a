"""`flagbench optimize`: the performance optimizer, by single commands or in a session."""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from flagbench import writable
from flagbench.atomic_file import write_whole
from flagbench.cli.optimizer_desk import Desk, part, wrong_input
from flagbench.cli.optimizer_session import Commands, session
from flagbench.cli.output import say
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.plain_console import plain_console

LEVELS, STRATEGIES = ("basic", "moderate", "aggressive"), ("off", "memory", "disk", "hybrid")


@click.group(cls=Commands, invoke_without_command=True)
@click.pass_context
def optimize(context: click.Context) -> None:
    """Optimise the analysis and validation of components; see what it does.

    Without a command, at a terminal, a session begins that takes the same commands, line by line.
    Level, cache strategy and measurements are kept in the folder of the disk cache
    (DISK_CACHE_PATH), so that later commands know them. Variables of the environment come first:
    OPTIMIZATION_LEVEL, CACHE_STRATEGY, OPTIMIZATION_MAX_WORKERS, ... (`status` shows each).

    \b
    flagbench optimize level aggressive
    flagbench optimize cache hybrid
    flagbench optimize generate order service --from src --out assembled
    flagbench optimize report
    flagbench optimize recommendations

    Exit codes: 0 done, 1 the quality report does not accept, 2 wrong usage or input, 3 could not
    run.
    """
    if context.obj is None:
        context.obj = Desk()
    if context.invoked_subcommand is None:
        if not sys.stdin.isatty():
            raise click.UsageError(
                "a command is missing, and standard input is not a terminal\n"
                "    fix: flagbench optimize status"
            )
        session(optimize, context.obj)


@optimize.command()
@click.pass_obj
def status(desk: Desk) -> None:
    """Show the settings, their variables, and how full the caches are."""
    variable_of = part("settings").variable_of
    values = desk.optimizer.values.items()
    rows = [(name, _shown(value), variable_of(name)) for name, value in values]
    _show(("setting", "value", "variable"), rows)
    cache = desk.optimizer.get_cache_statistics()
    memory, disk = cache["memory_cache"], cache["disk_cache"]
    say(f"\nmemory: {memory['entries']} of {memory['max_entries']} results, "
               f"{memory['bytes']} bytes")  # fmt: skip
    say(f"disk: {_shown(disk['entries'])} results, {disk['bytes']} bytes in {disk['path']}")


@optimize.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the report with all measurements as JSON to this file.")  # fmt: skip
@click.pass_obj
def report(desk: Desk, as_json: bool, out: Path | None) -> None:
    """Show what operations took, their cache hits, and alerts.

    The figures are those of this folder's commands, not of other programs. `unknown` was not
    measured; `improvement` is known after runs with and without optimisations.
    """
    optimizer = desk.optimizer
    if out is not None:
        try:
            optimizer.export_performance_data(out)
        except OSError as error:
            raise InputError(Problem(f"cannot be written: {error}", where=str(out))) from error
        say(f"written to {out}", err=True)
        return
    found = optimizer.get_performance_report()
    if as_json:
        known = part("performance_optimizer").known
        say(json.dumps(known(found), indent=2))
        return
    columns = {"all": found["summary"], **found["operations"]}
    names = dict.fromkeys(name for figures in columns.values() for name in figures)
    values = columns.values()
    rows = [(name, *(_shown(each.get(name, "")) for each in values)) for name in names]
    _show(("figure", *columns), rows)
    for alert in found["alerts"]:
        say(f"ALERT {alert}")


@optimize.command()
@click.pass_obj
def recommendations(desk: Desk) -> None:
    """Show changes of the settings that the figures call for."""
    found = desk.optimizer.get_optimization_recommendations()
    say("\n".join(found) or "nothing to change by the figures so far")


@optimize.command("clear-cache")
@click.pass_obj
def clear_cache(desk: Desk) -> None:
    """Forget all results, in memory and on disk; settings and measurements stay."""
    try:
        count = desk.optimizer.clear_cache()
    except OSError as error:
        fix = "end what uses it, or set DISK_CACHE_PATH"
        raise InputError(Problem(str(error), fix=fix)) from error
    say(f"{count} results forgotten")


@optimize.command()
@click.argument("level", type=click.Choice(LEVELS, case_sensitive=False))
@click.pass_obj
def level(desk: Desk, level: str) -> None:
    """Set the level for this and later commands.

    basic: one thing at a time. moderate: parallel requests, batches, early termination.
    aggressive: more requests at once, and local computing in several processes.
    """
    desk.choose("OPTIMIZATION_LEVEL", level)
    desk.optimizer.set_optimization_level(level)
    say(f"level: {level}")


@optimize.command()
@click.argument("strategy", type=click.Choice(STRATEGIES, case_sensitive=False))
@click.pass_obj
def cache(desk: Desk, strategy: str) -> None:
    """Set the place where results are kept, for this and later commands."""
    desk.choose("CACHE_STRATEGY", strategy)
    desk.optimizer.set_cache_strategy(strategy)
    say(f"cache: {strategy}")


@optimize.command()
@click.argument("request", nargs=-1, required=True)
@click.option("--from", "source", default=".", show_default=True, help="Folder of components.",
              type=click.Path(path_type=Path, exists=True, file_okay=False))  # fmt: skip
@click.option("--out", default="assembled", show_default=True, help="Folder to write to.",
              type=click.Path(path_type=Path, file_okay=False))  # fmt: skip
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
@click.pass_obj
def generate(desk: Desk, request: tuple[str, ...], source: Path, out: Path, force: bool) -> None:
    """Assemble a project from the components that match a REQUEST.

    Components are the Python files of a folder. Those whose names or definitions have a word of the
    request are written with all that they import, and with quality_report.json. SRC_ENDPOINT names
    a Sourcegraph service to search, too; API_BASE_URL one that should have their routes.

    \b
    flagbench optimize generate web scraper --from ~/src/tools --out scraper
    """
    if out.exists() and any(out.iterdir()) and not force:
        raise InputError(Problem("the folder is not empty", where=str(out), fix="--force"))
    writable.check_folder(out, "--out")
    assembly = part("assembly")
    try:
        with _progress(desk.optimizer), wrong_input():
            made = assembly.assemble(desk.optimizer, " ".join(request), source, out)
    finally:
        desk.save()
    quality, paths = made["report"], [Path(each.path) for each in made["components"]]
    try:
        for path in paths:
            write_whole(out / path.relative_to(source), path.read_bytes())
        write_whole(out / "quality_report.json", json.dumps(quality, indent=2) + "\n")
    except OSError as error:
        raise InputError(Problem(str(error), where=str(out))) from error
    layers = quality["layers"].items()
    rows = [(name, found["status"], str(found["checked"]), "; ".join(found["problems"][:2]))
            for name, found in layers]  # fmt: skip
    _show(("layer", "status", "checked", "first problems"), rows)
    if made["search"] is not None and made["search"]["error"]:
        say(f"flagbench: the code search failed: {made['search']['error']}", err=True)
    say(f"{len(paths)} components written to {out}: {quality['verdict']}")
    raise SystemExit(ExitCode.KEPT if quality["verdict"] == "accepted" else ExitCode.BROKEN)


@contextmanager
def _progress(optimizer: Any) -> Iterator[None]:
    """Bars of long operations; on a terminal alone."""
    console = plain_console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    tasks: dict[str, Any] = {}
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True,
                  disable=not console.is_terminal) as progress:  # fmt: skip

        def show(operation: str, done: int, total: int) -> None:
            if operation not in tasks:
                tasks[operation] = progress.add_task(operation.replace("_", " "), total=total)
            progress.update(tasks[operation], completed=done, total=total)

        optimizer.progress = show
        yield


def _show(titles: tuple[str, ...], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title)
    for row in rows:
        table.add_row(*row)
    plain_console().print(table)


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "unknown"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
