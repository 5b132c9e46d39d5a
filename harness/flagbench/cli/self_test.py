"""`flagbench self-test`: known regressions and harmless changes, and what the gate says of them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from flagbench import writable
from flagbench.atomic_file import write_whole
from flagbench.cli import folder_options, ini_lines
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.plain_console import plain_console
from flagbench.run.interrupts import interruptible
from flagbench.self_test import catalogue as catalogues
from flagbench.self_test import gate_page, unchanged
from flagbench.self_test.catalogue import Case, Catalogue
from flagbench.self_test.judging import Result
from flagbench.self_test.running import CaseRunner, controls
from flagbench.self_test.series_process import Project
from flagbench.self_test.unchanged_runs import UnchangedRuns
from flagbench.shell_command import shell_command

_TOKENIZER, _PRICES = "flagbench_tokenizer", "flagbench_prices"


@click.command("self-test")
@click.argument("catalogue", type=click.Path(path_type=Path), default=catalogues.FOLDER)
@click.option("-k", "words", metavar="TEXT", help="Only the cases whose name has this text.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1,
              show_default="the cores", help="Cases at the same time.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True,
              help="Print what the gate says of every case, not only where it is not as expected.",
              )  # fmt: skip
@click.option("--publish", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the table of all cases to a Markdown file.")  # fmt: skip
@click.option("--unchanged", "runs", type=click.IntRange(1), metavar="N",
              help="Run the unchanged code N times instead, under other conditions each time.",
              )  # fmt: skip
@click.option("--python", "pythons", multiple=True, metavar="PATH",
              help="With --unchanged: an interpreter to run it on; repeatable.")  # fmt: skip
@folder_options.cassettes
@folder_options.baselines
@interruptible("results of whole cases are kept")
def self_test(
    catalogue: Path,
    words: str | None,
    workers: int,
    verbose: bool,
    publish: Path | None,
    runs: int | None,
    pythons: Sequence[str],
    cassettes: Path,
    baselines: Path,
) -> None:
    """Apply the changes of CATALOGUE to copies of the generators, and check what is said of each.

    CATALOGUE is a YAML file of patches, or a folder of them (tests/regressions), as in
    docs/self-test.md. Each patched copy replays a few series; the answer (caught, provisional,
    remarked, nothing) and the named cause are compared with those that the catalogue expects.
    Results are kept by content in .flagbench: what did not change is not run again, also after
    Ctrl-C.

    \b
    flagbench self-test                      every case of tests/regressions
    flagbench self-test -k cache --verbose   some of them, with what the gate says
    flagbench self-test --publish docs/gate.md
    flagbench self-test --unchanged 500      false alarms of unchanged code

    Exit codes: 0 all as expected, 1 at least one not, 2 wrong usage or input.
    """
    folder = Path.cwd()
    _check_options(runs, pythons, words, publish)
    if publish is not None:
        writable.check_file(publish, "--publish")
    project = _project(folder, cassettes, baselines)
    ini_lines.use_pythonpath(folder)
    loaded = catalogues.load(catalogue, folder)
    console = plain_console()
    if runs is not None:
        command = _command(catalogue, "--unchanged", str(runs), *_named(pythons))
        is_met = _run_unchanged(folder, project, loaded, runs, pythons, command, console)
        raise SystemExit(ExitCode.KEPT if is_met else ExitCode.BROKEN)
    cases = _chosen(loaded, words or "")
    runner = CaseRunner(folder, project, loaded)
    made_of = gate_page.made_of(loaded, folder)
    results = _run(runner, [*controls(cases), *cases], workers)
    _show(results, console, verbose=verbose)
    counted = unchanged.last(folder, runner.key_of_unchanged)
    for line in gate_page.counts(results, counted):
        console.print(line)
    if publish is not None:
        command = _command(catalogue, "--publish", str(publish))
        write_whole(publish, gate_page.page(results, counted, command, made_of))
    raise SystemExit(ExitCode.KEPT if all(each.is_met for each in results) else ExitCode.BROKEN)


def _check_options(
    runs: int | None, pythons: Sequence[str], words: str | None, publish: Path | None
) -> None:
    """Raise `InputError` for options that do not go together."""
    if pythons and runs is None:
        raise InputError(Problem("--python", expected="it with --unchanged N"))
    if runs is not None and (words or publish):
        raise InputError(Problem("--unchanged runs no cases", expected="neither -k nor --publish"))
    if words and publish:
        raise InputError(Problem("-k and --publish", expected="a page of the whole catalogue"))


def _chosen(loaded: Catalogue, words: str) -> list[Case]:
    """The cases whose name has these words. Raises `InputError` without any."""
    cases = [case for case in loaded.cases if words.casefold() in case.name.casefold()]
    if not cases:
        what = f"none of {len(loaded.cases)} cases has {words!r} in its name"
        expected = f"a part of a name, such as {loaded.cases[0].name!r}"
        raise InputError(Problem(what, "-k", expected))
    return cases


def _project(folder: Path, cassettes: Path, baselines: Path) -> Project:
    """The settings of the project in a folder, from pytest's configuration."""
    _, _, content = ini_lines.configured(folder)
    listed = content.get(ini_lines.PATH, [])
    return Project(
        pythonpath=tuple(listed.split() if isinstance(listed, str) else map(str, listed)),
        cassettes=str(cassettes), baselines=str(baselines),
        tokenizer=str(content.get(_TOKENIZER, "")), prices=str(content.get(_PRICES, "")),
    )  # fmt: skip


def _run(runner: CaseRunner, cases: Sequence[Case], workers: int) -> list[Result]:
    """The results in the order of the cases, with the progress on stderr."""
    results: dict[str, Result] = {}
    console = plain_console(stderr=True)
    try:
        with (
            Progress(console=console, transient=True) as progress,
            closing(runner.run(cases, workers)) as made,
        ):
            task = progress.add_task("cases", total=len(cases))
            for result in made:
                results[result.case.name] = result
                progress.update(task, advance=1, description=result.case.name)
                if not console.is_terminal:
                    console.print(f"{len(results)}/{len(cases)} {gate_page.describe(result)}")
    except KeyboardInterrupt:
        console.print(f"{len(results)} of {len(cases)} cases are kept; the same command goes on")
        raise
    return [results[case.name] for case in cases]


def _show(results: Iterable[Result], console: Console, *, verbose: bool) -> None:
    """Print what the gate says of the cases that are not as expected, or of all."""
    for result in results:
        if verbose or not result.is_met:
            mark = "as expected" if result.is_met else "NOT AS EXPECTED"
            console.print(f"{mark}: {gate_page.describe(result)}", soft_wrap=True)
            for line in gate_page.told(result):
                console.print(f"    {line}", soft_wrap=True)


def _run_unchanged(
    folder: Path,
    project: Project,
    loaded: Catalogue,
    runs: int,
    pythons: Sequence[str],
    command: str,
    console: Console,
) -> bool:
    if not loaded.unchanged:
        raise InputError(Problem("the catalogue names no series for --unchanged",
                                 expected="unchanged: [scenarios/name.yaml::none]"))  # fmt: skip
    key = CaseRunner(folder, project, loaded).key_of_unchanged
    made = UnchangedRuns(folder, project, loaded.unchanged, loaded.sources, runs, pythons)
    try:
        with Progress(console=plain_console(stderr=True), transient=True) as progress:
            task = progress.add_task("unchanged runs", total=runs)
            made.run(lambda done: progress.update(task, completed=done))
    finally:
        counted = made.counted
        for alarm in counted.alarms:
            console.print(alarm, soft_wrap=True)
        console.print(counted.line, soft_wrap=True)
    unchanged.keep(folder, counted, key, command)
    return counted.is_met


def _command(catalogue: Path, *options: str) -> str:
    named = [] if catalogue == catalogues.FOLDER else [catalogue]
    return shell_command("flagbench", "self-test", *named, *options)


def _named(pythons: Iterable[str]) -> Iterator[str]:
    """The options for interpreters, without the folders of this machine."""
    for python in pythons:
        yield from ("--python", Path(python).name)
