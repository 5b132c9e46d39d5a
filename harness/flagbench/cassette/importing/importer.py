"""Import: the calls of other tools' files, checked and scrubbed as a recording does."""

import email.utils
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from flagbench.cassette import file, intake, journal, lock, received, retry_after, store
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.importing import provider as providers
from flagbench.cassette.importing import source
from flagbench.cassette.importing.chat_form import ONLY_ASSEMBLED
from flagbench.cassette.importing.exchange import MISSHAPEN, Exchange, Located, Skipped
from flagbench.cassette.importing.provider import Provider
from flagbench.cassette.received import Received
from flagbench.cassette.secret_kinds import secrets_in
from flagbench.errors import InputError, Problem
from flagbench.scenario.loading import Scenario


@dataclass(slots=True)
class Imported:
    """The calls and the skipped records of the sources.

    `formats` has the format of each file, `other_hosts` the calls to hosts other than the
    provider's. The requests of `rebuilt` calls were put together from logged parameters.
    """

    formats: dict[Path, str] = field(default_factory=dict)
    interactions: list[Interaction] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    other_hosts: Counter[str] = field(default_factory=Counter)
    rebuilt: int = 0


def read(
    paths: Sequence[Path], *, chosen: str | None, base_url: str | None, secrets: tuple[str, ...]
) -> Imported:
    """Read the files, in their order. `chosen` is the format of all of them, None for each its own.

    Raises `InputError` for a file that is not whole, of no known format, or of several providers.
    """
    imported = Imported()
    documents: dict[str, list[Located]] = {}
    for path in paths:
        name, found = source.read(path, chosen)
        imported.formats[path] = name
        documents.setdefault(name, []).extend(found)
    exchanges: list[Exchange] = []
    for name, located in documents.items():
        module = source.FORMATS[name]
        fitting = [document for document in located if module.fits(document.value)]
        imported.skipped += [
            Skipped(document.place, f"nothing of the format {name}")
            for document in located
            if not module.fits(document.value)
        ]
        for record in _exchanges(name, fitting):
            if isinstance(record, Skipped):
                imported.skipped.append(record)
            else:
                exchanges.append(record)
    provider = providers.choose(exchanges, base_url)
    for exchange in exchanges:
        _take(exchange, provider, secrets, imported)
    return imported


def _exchanges(name: str, documents: list[Located]) -> list[Exchange | Skipped]:
    """The records of documents of one format. Raises `InputError` where no record can be found."""
    try:
        return list(source.FORMATS[name].exchanges(documents))
    except MISSHAPEN as error:
        what = f"not as the format {name} has it ({type(error).__name__}: {error})"
        where = ", ".join(dict.fromkeys(document.place for document in documents[:3]))
        raise InputError(Problem(what, where)) from error


def write(folder: Path, scenario: Scenario, trial: int, imported: Imported) -> Path:
    """Write the cassette of a trial in place of an old one and its journal.

    Raises `CouldNotRun` if it is being recorded, or cannot be written.
    """
    path = store.cassette_path(folder, scenario, trial)
    metadata = {
        **store.metadata(scenario, trial),
        "imported": ", ".join(dict.fromkeys(imported.formats.values())),
    }
    with lock.held(path):
        file.save(Cassette.of(path, metadata, imported.interactions))
        journal.drop(path)
    return path


def _take(
    exchange: Exchange, provider: Provider, secrets: tuple[str, ...], imported: Imported
) -> None:
    """Add a call, or the reason why it is not imported."""
    path = provider.path_of(exchange.url)
    if path is None:
        imported.other_hosts[providers.host_of(exchange.url)] += 1
        return
    reason = _obstacle(exchange, path, secrets)
    if not reason:
        interaction = received.stored(
            Received(
                exchange.status, _dated(exchange).headers, exchange.body, exchange.elapsed_seconds
            ),
            method=exchange.method,
            path=path,
            request_body=exchange.request_body,
            secrets=secrets,
        )
        reason = _fault(interaction)
    if reason:
        imported.skipped.append(Skipped(exchange.place, reason))
        return
    imported.interactions.append(interaction)
    imported.rebuilt += exchange.is_rebuilt


def _obstacle(exchange: Exchange, path: str, secrets: tuple[str, ...]) -> str:
    """The reason why a call is not kept, as a recording would not; "" for none."""
    status, headers = exchange.status, _dated(exchange).headers
    kinds = intake.kinds_of_secrets(exchange.request_body, secrets)
    reasons = {
        f"answer {status}: {intake.NEVER_KEPT.get(status)}": status in intake.NEVER_KEPT,
        f"it has the status {status}": not 200 <= status <= 599,
        f"answer {status}: a redirect, which the client followed": 300 <= status < 400,
        "a question of a browser (OPTIONS), which no SDK asks": exchange.method == "OPTIONS",
        f"a prompt contains a secret: {kinds}": bool(kinds),
        "its path contains a secret": bool(secrets_in(path, secrets)),
        "its retry-after is a date, and the file does not say when it was answered": (
            retry_after.holds_date(headers) and "date" not in headers
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _fault(interaction: Interaction) -> str:
    if not interaction.fault:
        return ""
    if "event stream" in interaction.fault and interaction.response_body.lstrip()[:1] == b"{":
        return ONLY_ASSEMBLED
    return f"the answer cannot be used: {interaction.fault}"


def _dated(exchange: Exchange) -> Exchange:
    """The answer with the time at which it was given, which its wait until a date runs from."""
    if exchange.started_seconds is None or "date" in exchange.headers:
        return exchange
    answered = exchange.started_seconds + (exchange.elapsed_seconds or 0.0)
    date = email.utils.formatdate(answered, usegmt=True)
    return replace(exchange, headers={**exchange.headers, "date": (date,)})


def reasons_of(skipped: Iterable[Skipped]) -> dict[str, list[str]]:
    """Reason -> the places of the records that were skipped for it, in order."""
    groups: dict[str, list[str]] = {}
    for record in skipped:
        groups.setdefault(record.reason, []).append(record.place)
    return groups


def counted(calls: Iterable[Interaction], tokenizer: str) -> list[Interaction]:
    """The calls with their tokens counted by a tokenizer, "" for that of the model."""
    return [replace(call, tokenizer=tokenizer) for call in calls]
