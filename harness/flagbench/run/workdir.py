"""The working directory of a cell: a folder of its own whose path looks the same in every cell."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flagbench.cassette.chunks import Edit
from flagbench.subject import Artifact, Event, Outcome

# What stands in requests, artifacts and events for the folder, whose real path is random: several
# cells run at the same time, and not every platform can mount a fixed one for each.
ALIAS = "/flagbench-cell"
_NAME = "workdir"


@dataclass(frozen=True, slots=True)
class _PortableArtifact:
    kind: str
    path: str
    text: str
    approved: bool | None
    request_id: str


@dataclass(frozen=True, slots=True)
class _PortableOutcome:
    artifacts: tuple[Artifact, ...]
    rates: Mapping[str, tuple[int, int]]
    reported: Mapping[str, float]
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _PortableEvent:
    name: str
    request_id: str
    fields: Mapping[str, Any]


class Workdir:
    """The folder at `path`, and texts with its alias in place of it."""

    def __init__(self, root: Path) -> None:
        self.path = root / _NAME
        self.path.mkdir()
        self._forms = _forms_of(root)
        self._alias_in_answer = re.compile(
            b"|".join(re.escape(alias).encode() for alias in (ALIAS, ALIAS.replace("/", "\\/")))
        )
        self._native = json.dumps(str(root))[1:-1].encode()
        # True once a request has named the folder.
        self.is_known = False

    def in_request(self, body: bytes) -> bytes:
        """A request with the alias."""
        for form in self._forms:
            if form.encode() in body:
                self.is_known = True
                body = body.replace(form.encode(), ALIAS.encode())
        return body

    def in_answer(self, body: bytes) -> bytes:
        """An answer with the real path in place of the alias."""
        return self._alias_in_answer.sub(lambda _: self._native, body)

    def edits_of_answer(self, body: bytes) -> Iterator[Edit]:
        """The edits that `in_answer` makes."""
        for alias in self._alias_in_answer.finditer(body):
            yield Edit(*alias.span(), len(self._native))

    def in_outcome(self, outcome: Outcome) -> Outcome:
        """An outcome with the alias in its artifacts."""
        if not any(self._is_in(f"{file.path}\n{file.text}") for file in outcome.artifacts):
            return outcome
        artifacts = (
            _PortableArtifact(
                file.kind, self._alias(file.path), self._alias(file.text), file.approved,
                file.request_id,
            )
            for file in outcome.artifacts
        )  # fmt: skip
        more = (getattr(outcome, name, {}) for name in ("reported", "metrics"))
        return _PortableOutcome(tuple(artifacts), outcome.rates, *more)

    def in_event(self, event: Event) -> Event:
        """An event with the alias in its fields."""
        if not self._is_in(repr(event.fields)):
            return event
        return _PortableEvent(event.name, event.request_id, _mapped(event.fields, self._alias))

    def _is_in(self, text: str) -> bool:
        return any(form in text for form in self._forms)

    def _alias(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, ALIAS)
        return text


@contextmanager
def workdir() -> Iterator[Workdir]:
    """Make an empty folder, and remove it with all that a cell left in it."""
    root = tempfile.mkdtemp(prefix="flagbench-")
    try:
        yield Workdir(Path(root))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _forms_of(root: Path) -> tuple[str, ...]:
    """Ways to write a path, longest first: with and without links, in JSON, in a URL."""
    forms = set[str]()
    for path in (str(root), os.path.realpath(root)):
        for native in (path, path.replace("\\", "/")):
            once = [json.dumps(native, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
            # A tool's arguments are JSON within JSON.
            twice = [json.dumps(text)[1:-1] for text in once]
            slashes = [text.replace("/", "\\/") for text in (native, *once)]
            forms.update((native, *once, *twice, *slashes, quote(native, safe="/:")))
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Change every text in plain values."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _mapped(item, change) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_mapped(item, change) for item in value)
    return value
