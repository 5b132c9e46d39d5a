"""Own checks of a scenario: a command or a function of the project for each kind of artifact."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

Words = Annotated[list[Annotated[str, StringConstraints(min_length=1)]], Field(min_length=1)]


def _readable(text: str) -> str:
    path = PurePath(text)
    if ".." in path.parts or not path.parts:
        raise ValueError(f"{text!r} is neither beneath the scenario's folder nor absolute")
    return text


class OwnCheck(BaseModel):
    """The check of one kind of artifact: a command, or a function of the project."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    run: Words | None = None
    version: Words | None = None
    judge: Annotated[str, StringConstraints(pattern=r"^\w+(\.\w+)+$")] | None = None
    spec: Any = None
    reads: list[Annotated[str, AfterValidator(_readable)]] = []
    files: str | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0

    @model_validator(mode="after")
    def _check(self) -> "OwnCheck":
        if (self.run is None) is (self.judge is None):
            found = "neither run nor judge" if self.run is None else "both run and judge"
            raise ValueError(f"{found}; expected: either run (a command) or judge (a function)")
        if (self.run is None) is not (self.version is None):
            found = "version without run" if self.run is None else "run without version"
            expected = "version (a command) with run, such as [sqlite3, --version]"
            raise ValueError(f"{found}; expected: {expected}")
        if self.run is not None and self.spec is not None:
            raise ValueError("spec is for a judge; a command has arguments")
        return self

    @property
    def name(self) -> str:
        """The name of the check that a refuted artifact fails."""
        return "run" if self.run is not None else "judge"


class OwnChecksPart(BaseModel):
    """Own checks by kind of artifact."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kinds: Annotated[dict[str, OwnCheck], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class OwnChecks:
    """The checks of each request; paths are relative to `folder`."""

    folder: Path
    kinds: Mapping[str, OwnCheck]

    def place_of(self, path: str) -> Path:
        """The place of a path that a check reads, on this machine."""
        return Path(self.folder, Path(path).expanduser()).resolve()
