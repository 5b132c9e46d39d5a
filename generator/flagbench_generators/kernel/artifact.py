"""What a session makes: one file per request and agent."""

from dataclasses import dataclass
from enum import StrEnum

from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.prompt_builder import Job


class Origin(StrEnum):
    """Who wrote an artifact last."""

    TEMPLATE = "template"
    MODEL = "model"
    MEMORY = "memory"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One generated file. `reason` says why it is not approved.

    `text` is empty if nothing was made; `refused` tells that the provider's limit was the cause.
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
        """The artifact of a job; it is approved if there is no reason against it."""
        return cls(
            kind=job.agent.kind,
            entity=job.asked.name,
            path=job.path,
            text=text,
            approved=not reason,
            origin=origin,
            request_id=trace.request_id,
            retries=retries,
            reason=reason,
            refused=refused,
        )
