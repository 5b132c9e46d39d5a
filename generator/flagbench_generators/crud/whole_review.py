"""Review of a session's files against its requests as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flagbench_generators.crud.spec import Entity
from flagbench_generators.crud.understanding import unmade, unmade_text
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact
from flagbench_generators.kernel.events import Listener, Trace


def held_against_whole(
    artifacts: Sequence[Artifact],
    specified: Mapping[str, Entity],
    made: Mapping[str, Entity],
    listener: Listener,
) -> tuple[Artifact, ...]:
    """Refuse the files of requests with a relation to an entity that no request made.

    `specified` are the entities by request id, as the request left them; `made` those of the
    session, by module. Such a file reads well alone, and its tables do not exist.
    """
    return tuple(
        _refused(artifact, reasons, listener)
        if (reasons := _reasons(specified.get(artifact.request_id), made)) and artifact.approved
        else artifact
        for artifact in artifacts
    )


def _reasons(entity: Entity | None, made: Mapping[str, Entity]) -> list[str]:
    if entity is None:
        return []
    return [unmade_text(entity.name, target) for target in unmade(entity, made)]


def _refused(artifact: Artifact, reasons: Sequence[str], listener: Listener) -> Artifact:
    trace = Trace(artifact.request_id, listener)
    trace(events.ARTIFACT_REJECTED, kind=artifact.kind, issues=list(reasons))
    return replace(artifact, approved=False, reason="; ".join(reasons))
