"""The shares of the Django pipeline's decisions, from its events."""

from collections import Counter
from collections.abc import Sequence

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Event

_TROUBLE = (events.RETRY, events.ARTIFACT_REJECTED, events.ARTIFACT_FAILED)


def rates(happened: Sequence[Event]) -> dict[str, tuple[int, int]]:
    """Name -> (part, whole).

    `auto_approval_rate`: files approved by their score, of those approved. `cache_hit_rate`: hits
    of lookups. `template_usage_rate`: files that a template wrote to the end, of those asked of
    one. `recovery_rate`: files approved in the end, of those that had any trouble. `error_rate`:
    files that were never made or never passed, of all. `quality_score_rate`: the mean score.
    """
    counts = Counter(one.name for one in happened)
    approved, failed = _files(happened, events.ARTIFACT_APPROVED), _ended_badly(happened)
    trouble = set().union(*(_files(happened, name) for name in _TROUBLE))
    scores = [one.fields["score"] for one in happened if one.name == events.QUALITY_SCORED]
    fallen = _files(happened, events.TEMPLATE_FALLBACK)
    asked = _files(happened, events.TEMPLATE_SELECTED) | fallen
    lookups = counts[events.CACHE_HIT] + counts[events.CACHE_MISS]
    return {
        "auto_approval_rate": (counts[events.AUTO_APPROVED], len(approved)),
        "cache_hit_rate": (counts[events.CACHE_HIT], lookups),
        "template_usage_rate": (len(asked - fallen), len(asked)),
        "recovery_rate": (len(trouble & approved), len(trouble)),
        "error_rate": (len(failed), len(failed | approved)),
        "quality_score_rate": (round(sum(scores) * 10_000), 10_000 * len(scores)),
    }


def _files(happened: Sequence[Event], name: str) -> set[tuple[str, str]]:
    """Request and kind of the files that an event of this name speaks of."""
    return {
        (one.request_id, str(one.fields.get("kind") or one.fields.get("agent")))
        for one in happened
        if one.name == name
    }


def _ended_badly(happened: Sequence[Event]) -> set[tuple[str, str]]:
    """Files that were rejected or failed, and never approved."""
    bad = _files(happened, events.ARTIFACT_REJECTED) | _files(happened, events.ARTIFACT_FAILED)
    return bad - _files(happened, events.ARTIFACT_APPROVED)
