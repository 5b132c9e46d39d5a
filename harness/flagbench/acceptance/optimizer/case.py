"""Cases of an optimizer's work: results, the record of the run, and the calls as they were made."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flagbench.scenario.work import Work

KIND = "optimizer-work"


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A call of a service as the harness saw it: its start in seconds, and the status."""

    service: str
    method: str
    path: str
    body: str
    seconds: float
    status: int
    was_cancelled: bool

    @property
    def is_answered(self) -> bool:
        """True if the answer can be used."""
        return not self.was_cancelled and self.status != 429 and self.status < 500


@dataclass(frozen=True, slots=True)
class WorkCase:
    """The last of `works`, with those before it. `files` are the repository, results and runs.

    Without `calls` nothing is known of them, as for files alone.
    """

    works: tuple[Work, ...]
    files: Mapping[str, str]
    calls: tuple[ServiceCall, ...] | None = None

    @property
    def kind(self) -> str:
        """The kind of all work."""
        return KIND

    @property
    def path(self) -> str:
        """The path of the results."""
        return f"results/{len(self.works)}.json"

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """Nothing: results are not code."""
        return {}

    @property
    def expected(self) -> Any:
        """The works and the calls, as JSON values."""
        return [
            [work.model_dump(mode="json") for work in self.works],
            self.calls and [tuple(getattr(call, name) for name in ServiceCall.__slots__)
                            for call in self.calls],
        ]  # fmt: skip

    def run(self, number: int) -> dict[str, Any]:
        """The record of the run of a work, counted from 1."""
        record: dict[str, Any] = json.loads(self.files[f"runs/{number}.json"])
        return record

    def calls_of(self, number: int) -> list[ServiceCall]:
        """The calls of a work, in the order of their start."""
        began, ended = self.run(number)["seconds"]
        calls = [call for call in self.calls or () if began <= call.seconds <= ended]
        return sorted(calls, key=lambda call: call.seconds)


@dataclass(slots=True)
class Works:
    """Works over one repository, each of which may change it; `scaffold` is the repository."""

    scaffold: Mapping[str, str]
    calls: Sequence[ServiceCall] | None = None
    works: list[Work] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def after(
        self, expected: Work, made: Mapping[str, str]
    ) -> Iterator[tuple[str, WorkCase | None]]:
        """Path -> the case of the results of a work, None if they are missing."""
        self.works.append(expected)
        self.files.update(made)
        calls = None if self.calls is None else tuple(self.calls)
        case = WorkCase(tuple(self.works), {**self.scaffold, **self.files}, calls)
        is_made = f"runs/{len(self.works)}.json" in made and case.path in made
        yield case.path, case if is_made else None
