"""`flagbench generate`: run a generator outside of scenarios and write its files to a folder."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from openai import AsyncOpenAI, OpenAIError
from rich.console import Console
from rich.table import Table

from flagbench import extras, subject, subject_loading, writable
from flagbench.atomic_file import write_whole
from flagbench.cassette import address
from flagbench.cli import endpoint_url, own_tests
from flagbench.cli.asking_back import FAILED_EVENT, AskingBack
from flagbench.errors import CouldNotRun, ExitCode, InputError, Problem, problem_in
from flagbench.measurement.event_details import UNDERSTOOD_EVENT
from flagbench.plain_console import plain_console
from flagbench.scenario import designs
from flagbench.scenario.request_file import Documents
from flagbench.shown_numbers import rate
from flagbench.simulator.settings import SIMULATED, ProviderSettings
from flagbench.subject import Artifact, Event, Outcome, Subject

GENERATORS = {"crud": "crud", "django": "django", "enterprise": "enterprise"}
# In the working folder, so that approved files are not paid for twice.
CACHE_VARIABLE, CACHE_FOLDER = "AGENT_CACHE_DIR", Path(".flagbench/answers")
# Where the endpoint refuses a schema, the generators request JSON without.
SCHEMA_VARIABLE = "ENABLE_ANSWER_SCHEMA"
SIMULATE = "simulate"
_SILENT = ("llm_call", "request_done", "optimization_summary", "performance_warning",
           UNDERSTOOD_EVENT, FAILED_EVENT)  # fmt: skip


@click.command()
@click.argument("generator", type=click.Choice(sorted(GENERATORS)))
@click.argument("requests", nargs=-1, required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="Folder to write to; created if it is missing.")  # fmt: skip
@click.option("--with", "definitions", multiple=True, type=click.Path(),
              help="YAML of a domain or a compliance set that a brief names; may be given several "
              "times.")  # fmt: skip
@click.option("--flags", default="default", show_default=True,
              help="Optimisations to use: all, none, 'templates+cache', 'all-batch'.")  # fmt: skip
@click.option("--provider", type=click.Choice([SIMULATED]),
              help="The simulated provider; needs neither a key nor a network.")  # fmt: skip
@click.option("--base-url", help="Any OpenAI-compatible endpoint; the key is OPENAI_API_KEY.")
@click.option("--model", default="gpt-4o-mini", show_default=True,
              help="The model that is asked.")  # fmt: skip
@click.option("--review", type=click.Choice(["ask", SIMULATE]),
              help="Reviewer of uncertain files: you (the default at a terminal), or "
              "a policy based on the findings of the validation layers.")  # fmt: skip
@click.option("--yes", is_flag=True,
              help="Go on where a request was not understood as a whole.")  # fmt: skip
@click.option("--without-tests", is_flag=True,
              help="Do not run the tests of an application that was generated.")  # fmt: skip
@click.option("--run-unsandboxed", is_flag=True,
              help="Run its tests on a platform that has no sandbox.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def generate(
    generator: str,
    requests: Sequence[str],
    out: Path,
    definitions: Sequence[str],
    flags: str,
    provider: str | None,
    base_url: str | None,
    model: str,
    review: str | None,
    yes: bool,
    without_tests: bool,
    run_unsandboxed: bool,
    force: bool,
) -> None:
    """Generate an application and write it to a folder.

    GENERATOR crud takes requests in plain words, one after the other; django takes files with an
    ERD in JSON (`flagbench erd --help` shows one), enterprise takes files with a brief in YAML.

    \b
    flagbench generate crud "Add a Student with name and email" --out school
    flagbench generate django shop.json --out shop --flags all
    flagbench generate django shop.json --out shop --provider simulated
    flagbench generate enterprise brief.yaml --out backend
    flagbench generate enterprise brief.yaml --with logistics.yaml --out backend

    What crud understood of a request is shown before its files are written, and what it did not: a
    constraint without an effect, words that nothing was made of, names that the request does not
    have, a relation to an entity that no request makes. Then it asks whether to go on; where
    standard input is not a terminal, it ends with exit code 1, unless --yes is given. Afterwards
    the application's own tests run in the sandbox, and files whose tests fail are not approved.

    Exit codes: 0 all files approved, 1 some are not or a request was not understood, 2 wrong usage
    or input, 3 could not run.
    """
    loaded = subject_loading.load(GENERATORS[generator])
    # A subject that checks its requests takes documents, which are read from files.
    has_documents = hasattr(loaded, "check")
    if definitions and generator != "enterprise":
        what = "only a brief names domains and compliance sets"
        raise InputError(Problem(what, where="--with", expected="the generator enterprise"))
    texts = [
        _read_document(loaded, path, definitions) if has_documents else path for path in requests
    ]
    for text, where in ((model, "--model"), *((text, "REQUESTS") for text in texts)):
        if (sent := text.encode(errors="replace").decode()) != text:
            raise InputError(Problem(f"not UTF-8: {sent}", where, "text in UTF-8"))
    if out.exists() and any(out.iterdir()) and not force:
        raise InputError(Problem("the folder is not empty", where=str(out), fix="--force"))
    writable.check_folder(out, "--out")
    environment = _environment(loaded, flags)
    more: dict[str, Any] = {}
    people: dict[str, Any] = {
        name: getattr(loaded, name, None) for name in ("attended", "unattended")
    }
    if all(people.values()):
        if review is None and not sys.stdin.isatty():
            what = "standard input is not a terminal, so nobody can review uncertain files"
            raise InputError(Problem(what, expected="--review simulate"))
        more["person"] = people["unattended" if review == SIMULATE else "attended"]()
    console = plain_console(stderr=True)
    workdir = CACHE_FOLDER.absolute()
    workdir.mkdir(parents=True, exist_ok=True)
    with _endpoint(provider, base_url) as (url, key):
        outcome = asyncio.run(
            _run_generator(
                loaded, texts, environment, url, key, model, workdir,
                _listener(console, takes_doubts=yes), more,
            )
        )  # fmt: skip
    files = _write(out, subject.scaffold_of(loaded, texts), outcome)
    untested: CouldNotRun | None = None
    artifacts = list(outcome.artifacts)
    if not without_tests:
        try:
            artifacts = own_tests.held_against_own_tests(
                outcome, files, run_unsandboxed=run_unsandboxed
            )
        except CouldNotRun as error:
            untested = error
    pending = [artifact for artifact in artifacts if not artifact.approved]
    failure = "" if pending else getattr(loaded, "finish", lambda _: "")(out)
    _show(console, artifacts, outcome, out, failure)
    if untested is not None:
        console.print(f"own tests could not run: {untested}\n    or: --without-tests")
    if pending or failure:
        raise SystemExit(ExitCode.BROKEN)
    raise SystemExit(ExitCode.KEPT if untested is None else ExitCode.COULD_NOT_RUN)


def _environment(loaded: Subject, flags: str) -> dict[str, str]:
    """Environment of the subject: flags over AGENT_* variables over the folder of the cache."""
    factors = subject.factors_of(loaded)
    try:
        levels = dict(designs.parse(flags, factors).levels)
    except ValueError as error:
        raise InputError(problem_in(str(error), "--flags")) from error
    flag_levels = {factor.env: levels[factor.name] for factor in factors}
    inherited = {
        name: text
        for name, text in os.environ.items()
        if name.startswith("AGENT_") or name == SCHEMA_VARIABLE
    }
    own = {CACHE_VARIABLE: str(CACHE_FOLDER.absolute()), SCHEMA_VARIABLE: "true"}
    return {**own, **inherited, **flag_levels}


def _read_document(loaded: Subject, path: str, further: Sequence[str]) -> str:
    """Read and check a file with those that belong to it; `-` is the standard input.

    Raises `InputError`.
    """
    documents = Documents([(name, _text_of(name)) for name in (path, *further)])
    subject.check(loaded, documents.text, path, documents.place)
    return documents.text


def _text_of(path: str) -> str:
    try:
        with click.open_file(path, encoding="utf-8") as stream:
            return str(stream.read())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=path)) from error


@contextmanager
def _endpoint(provider: str | None, base_url: str | None) -> Iterator[tuple[str | None, str]]:
    """Base URL of the endpoint, and its key. Raises `InputError` if the key is missing."""
    if provider == SIMULATED:
        extras.require("simulator", f"--provider {SIMULATED}")
        from flagbench.simulator.server import running_provider  # noqa: PLC0415  needs an extra

        with running_provider(ProviderSettings()) as url:
            yield url, SIMULATED
        return
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key and base_url is None:
        what = "OPENAI_API_KEY is not set"
        raise InputError(Problem(what, expected="a key, or --provider simulated"))
    yield base_url and endpoint_url.checked(base_url), key or "none"


async def _run_generator(
    loaded: Subject,
    requests: Sequence[str],
    environment: Mapping[str, str],
    base_url: str | None,
    key: str,
    model: str,
    workdir: Path,
    listener: Callable[[Event], None],
    more: Mapping[str, Any],
) -> Outcome:
    client = AsyncOpenAI(base_url=base_url, api_key=key, max_retries=0)
    try:
        outcome: Outcome = await loaded(
            requests, environment, client, model=model, workdir=workdir, listener=listener, **more
        )
    except OpenAIError as error:
        where = address.shown(base_url) if base_url else "the endpoint of OpenAI"
        raise CouldNotRun(Problem(f"{type(error).__name__}: {error}", where=where)) from error
    finally:
        await client.close()
    return outcome


def _listener(console: Console, *, takes_doubts: bool) -> Callable[[Event], None]:
    """Print events, and ask back where a request was not understood as a whole."""
    print_event = _printer(console)
    ask_back = AskingBack(console, takes_doubts=takes_doubts)

    def listen(event: Event) -> None:
        print_event(event)
        ask_back(event)

    return listen


def _printer(console: Console) -> Callable[[Event], None]:
    """Print each event on a line as it happens."""

    def print_event(event: Event) -> None:
        if event.name in _SILENT:
            return
        about = event.fields.get("kind") or event.fields.get("agent") or ""
        more = event.fields.get("reason", event.fields.get("score", ""))
        line = f"{event.name.replace('_', ' ')} {about} {more}".rstrip()
        console.print(line, style="dim")

    return print_event


def _write(out: Path, scaffold: Mapping[str, str], outcome: Outcome) -> dict[str, str]:
    """Write the scaffold and the latest text of each file, each atomically; return them."""
    texts = {artifact.path: artifact.text for artifact in outcome.artifacts if artifact.text}
    files = {**scaffold, **texts}
    for path, text in files.items():
        write_whole(out / path, text)
    return files


def _short(reasons: str) -> str:
    """The first three reasons; the events have shown them all."""
    parts = reasons.split("; ")
    more = f"; and {len(parts) - 3} more" if len(parts) > 3 else ""
    return "; ".join(parts[:3]) + more


def _show(
    console: Console, artifacts: Sequence[Artifact], outcome: Outcome, out: Path, failure: str
) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("file", "lines", "approved"):
        table.add_column(title, justify="right" if title == "lines" else "left")
    latest = {artifact.path or artifact.kind: artifact for artifact in artifacts}
    for path, artifact in latest.items():
        approved = "yes" if artifact.approved else f"no: {_short(getattr(artifact, 'reason', ''))}"
        table.add_row(path, str(artifact.text.count("\n")), approved)
    plain_console().print(table)
    for name, (part, whole) in outcome.rates.items():
        if whole:
            console.print(f"{name.removesuffix('_rate').replace('_', ' ')}: {rate(part / whole)}")
    for line in getattr(outcome, "summary", ()):
        console.print(line)
    counts = Counter(artifact.approved for artifact in latest.values())
    console.print(f"{counts[True]} of {len(latest)} files approved, written to {out}")
    if failure:
        console.print(f"the project does not start:\n{failure}")
