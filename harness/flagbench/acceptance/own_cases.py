"""Cases of own checks: an artifact of a kind that the scenario has a check for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

from flagbench.scenario.own_checks import OwnCheck, OwnChecks
from flagbench.subject import Artifact


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A file to judge by an own check, with all files of its application.

    `inputs` are the tool's version and digests of what the check reads.
    """

    kind: str
    path: str
    checks: OwnChecks
    files: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def check(self) -> OwnCheck:
        """The check of its kind."""
        return self.checks.kinds[self.kind]

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The file; no words are required."""
        return {self.path: ()}

    @property
    def expected(self) -> Any:
        """The path, the check and its inputs, as JSON values."""
        return {
            "path": self.path,
            "check": self.check.model_dump(mode="json"),
            "inputs": dict(self.inputs),
        }


@dataclass(slots=True)
class OwnFiles:
    """The files of a session, which grow by request; `scaffold` holds those not generated."""

    scaffold: Mapping[str, str]
    files: dict[str, str] = field(default_factory=dict)

    def after(
        self, checks: OwnChecks, made: Iterable[Artifact]
    ) -> Iterator[tuple[str, OwnCase | None]]:
        """Add the artifacts of a request; path -> the case of each that has a check.

        A kind of which the request made no file has the case None, and its name as the path.
        """
        kinds = {artifact.path: artifact.kind for artifact in made if artifact.text.strip()}
        self.files.update({artifact.path: artifact.text for artifact in made})
        for kind in checks.kinds:
            paths = [path for path, other in kinds.items() if other == kind]
            yield from ((path, self.case(checks, kind, path)) for path in paths)
            empty = [a.path for a in made if a.kind == kind and a.path not in kinds]
            yield from ((path, None) for path in empty or ([] if paths else [kind]))

    def case(self, checks: OwnChecks, kind: str, path: str) -> OwnCase:
        """The case of one file, among all files up to now."""
        return OwnCase(kind, path, checks, {**self.scaffold, **self.files})


def kind_of(checks: OwnChecks, path: str) -> str | None:
    """The kind of a file by the pattern `files` of its check; None for a file without a check."""
    for kind, check in checks.kinds.items():
        if check.files is not None and fnmatch(path, check.files):
            return kind
    return None
