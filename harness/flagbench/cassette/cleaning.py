"""Scrubbing of cassettes and journals that are there already."""

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from flagbench.cassette import chunks, file, journal, lock, scrub, service_answers
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.secret_kinds import secrets_in, without_secrets
from flagbench.errors import CouldNotRun, Problem

IDENTITY = "identity of a caller or of a call"
_JOURNAL = ".part"


@dataclass(slots=True)
class Cleaned:
    """Counts of replacements in a file, by kind and part of the call."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed_requests: int = 0

    def clean(self, interaction: Interaction, own: tuple[str, ...]) -> Interaction:
        """A call without secrets; latency, status and everything else stay."""
        is_error = interaction.status >= 400
        scrubbed_answer = _scrubbed_service_answer if interaction.service else _scrubbed_answer
        parts = (
            ("path", _scrubbed_request(interaction.path.encode(), own)),
            ("request", _scrubbed_request(interaction.request_body, own)),
            ("answer", scrubbed_answer(interaction.response_body, own, is_error)),
        )
        (_, (path, _)), (_, (request, _)), (_, (answer, _)) = parts
        for part, (_, kinds) in parts:
            self.counts.update({(kind, part): count for kind, count in kinds.items()})
        headers = {}
        for name, values in interaction.headers.items():
            scrubbed = [scrubbed_answer(value.encode(), own, True) for value in values]
            headers[name] = tuple(value.decode() for value, _ in scrubbed)
            for _, kinds in scrubbed:
                self.counts.update(
                    {(kind, f"header {name}"): count for kind, count in kinds.items()}
                )
        cleaned = replace(
            interaction,
            path=path.decode(),
            request_body=request,
            response_body=answer,
            headers=headers,
            chunks=chunks.moved(
                interaction.chunks, chunks.edits_between(interaction.response_body, answer)
            ),
        )
        self.changed_requests += cleaned.key != interaction.key
        return cleaned


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Cassettes and journals: the files named, and all in the folders named.

    Raises `CouldNotRun` for a folder that cannot be listed.
    """
    found = dict.fromkeys(
        file for path in paths for file in (_below(path) if path.is_dir() else [path])
    )
    return list(found)


def _below(folder: Path) -> list[Path]:
    return sorted(
        Path(root, name)
        for root, _, names in os.walk(folder, onerror=_not_listed)
        for name in names
        if name.removesuffix(_JOURNAL).endswith(".yaml")
    )


def _not_listed(error: OSError) -> NoReturn:
    what = f"the folder cannot be listed ({error.strerror or error})"
    raise CouldNotRun(Problem(what, where=str(error.filename))) from error


def check_there(path: Path) -> None:
    """Raise `CouldNotRun` for a file that was listed and is there no more."""
    if not path.exists():
        what = "it was removed after the files were listed"
        raise CouldNotRun(Problem(what, where=str(path), fix="the same command again"))


def clean_file(path: Path, own: tuple[str, ...], *, is_check: bool) -> Cleaned:
    """Scrub a cassette or a journal in place, atomically, or for a check only count.

    Raises `CouldNotRun` for a file that is damaged, removed or being recorded, or that cannot be
    written.
    """
    check_there(path)
    is_journal = path.name.endswith(_JOURNAL)
    clean = _clean_journal if is_journal else _clean_cassette
    cassette = path.with_name(path.name.removesuffix(_JOURNAL)) if is_journal else path
    with nullcontext() if is_check else lock.held(cassette):
        cleaned = clean(cassette, own, is_check=is_check)
    check_there(path)  # a journal that is not there reads as an empty one
    return cleaned


def _clean_cassette(path: Path, own: tuple[str, ...], *, is_check: bool) -> Cleaned:
    cleaned = Cleaned()
    cassette = file.load(path, record_command="flagbench record SCENARIO --fresh")
    interactions = [cleaned.clean(interaction, own) for interaction in cassette.interactions]
    if cleaned.counts and not is_check:
        file.save(Cassette.of(path, cassette.metadata, interactions))
    return cleaned


def _clean_journal(cassette: Path, own: tuple[str, ...], *, is_check: bool) -> Cleaned:
    if journal.is_of_unknown_kind(cassette):
        what = "the first line is damaged, which says what the answers were recorded for"
        raise CouldNotRun(Problem(what, where=f"{journal.path_of(cassette)}:1"))
    cleaned = Cleaned()
    for interaction in journal.read(cassette):
        cleaned.clean(interaction, own)
    # Nobody can tell what a damaged line holds.
    if damaged := len(journal.damaged_lines(cassette)):
        cleaned.counts["damaged line", "journal"] = damaged
    if cleaned.counts and not is_check:
        journal.rewrite(cassette, lambda call: Cleaned().clean(call, own))
    return cleaned


@lru_cache(maxsize=1024)  # pure; the combinations of a trial send many of the same bytes
def _scrubbed_request(body: bytes, own: tuple[str, ...]) -> tuple[bytes, Counter[str]]:
    text, encoding = scrub.text_of(body)
    kinds = Counter(secret.kind for secret in secrets_in(text, own))
    if not kinds:
        return body, kinds
    return without_secrets(text, own, scrub.SCRUBBED).encode(encoding), kinds


@lru_cache(maxsize=1024)
def _scrubbed_answer(
    body: bytes, own: tuple[str, ...], is_error: bool
) -> tuple[bytes, Counter[str]]:
    scrubbed = scrub.scrub_answer(body, own, is_error=is_error)
    kinds = Counter[str]()
    if scrubbed != body:
        kinds.update(secret.kind for secret in secrets_in(scrub.text_of(body)[0], own))
        mark = scrub.SCRUBBED.encode()
        others = scrubbed.count(mark) - body.count(mark) - kinds.total()
        if others > 0 or not kinds:
            kinds[IDENTITY] = max(others, 1)
    return scrubbed, kinds


@lru_cache(maxsize=1024)
def _scrubbed_service_answer(
    body: bytes,
    own: tuple[str, ...],
    is_error: bool,  # noqa: ARG001  an error of a service is data, too
) -> tuple[bytes, Counter[str]]:
    text, _ = scrub.text_of(body)
    kinds = Counter(secret.kind for secret in secrets_in(text, own))
    return service_answers.scrub_body(body, own), kinds
