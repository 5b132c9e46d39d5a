"""`flagbench import`: recordings and logs of other tools become a scenario's cassette."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from flagbench import writable
from flagbench.cassette import address, journal, scrub, store
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.importing import importer
from flagbench.cassette.importing.importer import Imported
from flagbench.cassette.importing.source import FORMATS
from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.cli import folder_options, output
from flagbench.errors import InputError, Problem
from flagbench.run.options import Options
from flagbench.scenario import loading as scenarios
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED

_SHOWN_PLACES, _SHOWN_REASONS = 3, 10


@click.command("import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--scenario", "scenario_path", required=True, metavar="FILE",
              type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="The scenario whose cassette is written.")  # fmt: skip
@click.option("--trial", type=click.IntRange(1, 100), default=1, show_default=True,
              help="The trial of which this is the recording.")  # fmt: skip
@click.option("--from", "chosen", type=click.Choice(list(FORMATS)),
              help="The format of the files.  [default: that of their content]")  # fmt: skip
@click.option("--base-url", help="The provider's calls are those below this URL. "
              "[default: the only host that was asked for completions]")  # fmt: skip
@click.option("--provider", help="Name of the provider; its cassettes go to cassettes/NAME.")
@click.option("--dry-run", is_flag=True, help="Say what would be imported; write nothing.")
@click.option("--yes", is_flag=True, help="Replace a cassette without a question.")
@folder_options.cassettes
def import_(
    sources: Sequence[Path],
    scenario_path: Path,
    trial: int,
    chosen: str | None,
    base_url: str | None,
    provider: str | None,
    dry_run: bool,
    yes: bool,
    cassettes: Path,
) -> None:
    """Turn recordings and logs of other tools into the cassette of a trial.

    SOURCES are files of vcrpy and pytest-recording (YAML, JSON), HAR 1.2, JSON lines of requests
    and responses (also OpenAI batches and LiteLLM), LangSmith runs, or OpenTelemetry GenAI spans.
    Their calls are kept in order, without secrets. A latency that a file does not have (vcrpy,
    most JSON lines) is unknown: tokens and acceptance are measured, time is not.

    \b
    flagbench import tests/cassettes/test_it.yaml --scenario scenarios/x.yaml
    flagbench import session.har --scenario scenarios/x.yaml --trial 2 --dry-run
    flagbench import batch_in.jsonl batch_out.jsonl --scenario scenarios/x.yaml
    flagbench import proxy.har --scenario scenarios/x.yaml --base-url https://api.openai.com/v1

    The scenario names the provider (`provider: {name: openai}`), or --provider does. Then
    `pytest scenarios/x.yaml` replays it. Shapes of the files: docs/importing.md.

    Exit codes: 0 imported, 2 wrong usage or file, 3 the cassette cannot be written.
    """
    scenario = _scenario(scenario_path, provider, cassettes)
    if trial > scenario.trials:
        what = f"--trial {trial}: the scenario has {scenario.trials}"
        raise InputError(Problem(what, where=str(scenario_path), expected=f"trials: {trial}"))
    path = store.cassette_path(cassettes, scenario, trial)
    if not dry_run:
        writable.check_file(path, "--cassettes")
    imported = importer.read(
        sources, chosen=chosen, base_url=base_url,
        secrets=scrub.secrets_of(os.environ, *address.keys_of(base_url or "")),
    )  # fmt: skip
    for line in _report(imported, scenario):
        output.say(line)
    if not imported.interactions:
        where = ", ".join(map(str, sources))
        raise InputError(
            Problem(
                "there is nothing to import", where, "calls to the provider, with their answers"
            )
        )
    if dry_run:
        output.say(f"would write {path}")
        return
    if path.exists() or journal.path_of(path).exists():
        _ask(path, yes=yes)
    output.say(f"wrote {importer.write(cassettes, scenario, trial, imported)}")
    if lacking := store.trials_without(cassettes, scenario):
        output.say(f"without a cassette: trial {', '.join(map(str, lacking))} (--trial N)")


def _scenario(path: Path, provider: str | None, cassettes: Path) -> Scenario:
    options = Options(
        cassettes=cassettes, baselines=Path("baselines"), reports=Path("reports"),
        provider=provider,
    )  # fmt: skip
    scenario = options.applied_to(scenarios.load(path))
    if scenario.provider == SIMULATED:
        raise InputError(
            Problem(
                "the scenario's provider is the simulated one, which did not give these answers",
                where=str(path),
                expected="`provider: {name: openai}` in the scenario, or --provider NAME",
            )
        )
    return scenario


def _ask(path: Path, *, yes: bool) -> None:
    if yes:
        return
    is_unfinished = journal.path_of(path).exists()
    found = "an unfinished recording" if is_unfinished else "a recording"
    if not sys.stdin.isatty():
        raise InputError(
            Problem(f"there is {found} already", str(path), "--yes to replace it, or --trial N")
        )
    output.say(f"There is {found} already: {path}", err=True)
    click.confirm("Replace it?", abort=True, err=True)


def _report(imported: Imported, scenario: Scenario) -> Iterator[str]:
    """The lines of what is imported, with tokens and latencies, and of what is not, and why."""
    for path, name in imported.formats.items():
        yield f"{path}: {name}"
    calls = imported.interactions
    if calls:
        yield f"{len(calls):,} calls to import, {_tokens(calls, scenario)}, {_latency(calls)}"
    if imported.rebuilt:
        yield (
            f"the requests of {imported.rebuilt:,} were put together from logged parameters: a "
            "parameter that the log lacks makes the replay miss them"
        )
    for host, count in imported.other_hosts.most_common():
        yield f"skipped {count:,}: calls to {host}"
    reasons = sorted(importer.reasons_of(imported.skipped).items(), key=lambda item: -len(item[1]))
    for reason, places in reasons[:_SHOWN_REASONS]:
        shown = ", ".join(places[:_SHOWN_PLACES])
        more = f" and {len(places) - _SHOWN_PLACES:,} more" if len(places) > _SHOWN_PLACES else ""
        yield f"skipped {len(places):,}: {reason} ({shown}{more})"
    if left := sum(len(places) for _, places in reasons[_SHOWN_REASONS:]):
        yield f"skipped {left:,} for other reasons"


def _tokens(calls: Sequence[Interaction], scenario: Scenario) -> str:
    usages = [call.known_usage for call in importer.counted(calls, scenario.tokenizer)]
    known = [usage for usage in usages if isinstance(usage, TokenUsage)]
    unknown = len(usages) - len(known)
    told = f"{sum(usage.tokens for usage in known):,} tokens"
    others = sorted({usage.model for usage in known if usage.model} - {scenario.model})
    if others:
        told += f" (of {', '.join(others[:_SHOWN_PLACES])}; the scenario says {scenario.model})"
    return f"{told}; the tokens of {unknown:,} are unknown" if unknown else told


def _latency(calls: Sequence[Interaction]) -> str:
    unknown = sum(call.elapsed_seconds is None for call in calls)
    if not unknown:
        return "latency known"
    return "latency unknown" if unknown == len(calls) else f"latency of {unknown:,} unknown"
