"""The work of an optimizer, a request each; read without the generator's code."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Operation = Literal[
    "component_analysis", "pattern_validation", "api_validation", "sourcegraph_search",
    "multi_layer_validation",
]  # fmt: skip
_Count = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Repository(_Part):
    """The generated repository: so many files, from a seed."""

    files: _Count
    seed: int


class Endpoint(_Part):
    """An endpoint to validate."""

    endpoint: Annotated[str, Field(pattern="^/")]
    method: str = "GET"


class Pattern(_Part):
    """Requirements, (kind, value) each, of components that import the module `applies_to`."""

    applies_to: str = ""
    requires: tuple[tuple[str, Any], ...]


class Tuning(_Part):
    """Settings of the optimizer that the work needs, whatever is switched on."""

    max_requests_per_second: _Count | None = None
    max_batch_wait_time: _Seconds | None = None
    batch_size: _Count | None = None
    cache_size: _Count | None = None
    cache_ttl: Annotated[float, Field(gt=0)] | None = None
    max_workers: _Count | None = None
    parallel_threshold: _Count | None = None
    request_timeout: Annotated[float, Field(gt=0)] | None = None


class Work(_Part):
    """Operations over a repository and services.

    It starts so many seconds after the work before it, with texts added to files (`edits`) and
    entries of the cache on disk changed by somebody else. Items arrive together, or each
    `every_seconds`. Work that is not `measured` prepares what comes after it.
    """

    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]
    repository: Repository | None = None
    endpoints: tuple[Endpoint, ...] = ()
    queries: tuple[str, ...] = ()
    patterns: Mapping[str, Pattern] = {}
    edits: Mapping[str, str] = {}
    damaged_entries: Annotated[int, Field(ge=0)] = 0
    starts_after_seconds: _Seconds = 0.0
    every_seconds: _Seconds | None = None
    measured: bool = True
    settings: Tuning = Tuning()

    @model_validator(mode="after")
    def _has_what_it_works_on(self) -> "Work":
        for operation, name in (("api_validation", "endpoints"), ("sourcegraph_search", "queries"),
                                ("pattern_validation", "patterns"),
                                ("multi_layer_validation", "patterns")):  # fmt: skip
            if operation in self.operations and not getattr(self, name):
                raise ValueError(f"{operation} without {name}")
        return self


def read(text: str) -> Work:
    """Read the work of a request. Raises `ValueError` naming what is wrong."""
    try:
        return Work.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {error}") from error
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, problem['loc'])) or 'work'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ValueError("; ".join(problems)) from error
