"""The result of a session: one file per request and agent."""

from dataclasses import dataclass
from enum import StrEnum

from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.prompt_builder import Job


class Origin(StrEnum):
    """The last writer of an artifact."""

    TEMPLATE = "template"
    MODEL = "model"
    MEMORY = "memory"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One generated file; `reason` says why it was not approved, "" for an approved one.

    `text` is empty if nothing was generated. `refused` is true if the provider's rate limit was the
    cause.
    """

    kind: str
    entity: str
    path: str
    text: str
    approved: bool
    origin: Origin
    request_id: str
    retries: int = 0
    reason: str = ""
    refused: bool = False

    @classmethod
    def of(
        cls,
        job: Job,
        text: str,
        origin: Origin,
        trace: Trace,
        *,
        retries: int,
        reason: str = "",
        refused: bool = False,
    ) -> "Artifact":
        """Build the artifact of a job, approved if no reason is given."""
        return cls(
            kind=job.agent.kind,
            entity=job.spec.name,
            path=job.path,
            text=text,
            approved=not reason,
            origin=origin,
            request_id=trace.request_id,
            retries=retries,
            reason=reason,
            refused=refused,
        )
