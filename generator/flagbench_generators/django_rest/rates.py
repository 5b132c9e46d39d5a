"""Rates of the Django pipeline's decisions, counted from its events."""

import math
from collections import Counter
from collections.abc import Sequence

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Event

_FAILURES = (events.RETRY, events.ARTIFACT_REJECTED, events.ARTIFACT_FAILED)


def rates(history: Sequence[Event]) -> dict[str, tuple[int, int]]:
    """Count name -> (part, whole).

    `auto_approval_rate`: files approved by their score, of those approved. `cache_hit_rate`: hits
    of lookups. `template_usage_rate`: files written by a template, of those where one was
    attempted. `recovery_rate`: files approved in the end, of those with any failure. `error_rate`:
    files never generated or never approved, of all. `quality_score_rate`: the mean score.
    """
    counts = Counter(event.name for event in history)
    approved, failed = _files(history, events.ARTIFACT_APPROVED), _never_approved(history)
    troubled = set().union(*(_files(history, name) for name in _FAILURES))
    scores = [event.fields["score"] for event in history if event.name == events.QUALITY_SCORED]
    fallen = _files(history, events.TEMPLATE_FALLBACK)
    attempted = _files(history, events.TEMPLATE_SELECTED) | fallen
    lookups = counts[events.CACHE_HIT] + counts[events.CACHE_MISS]
    return {
        "auto_approval_rate": (counts[events.AUTO_APPROVED], len(approved)),
        "cache_hit_rate": (counts[events.CACHE_HIT], lookups),
        "template_usage_rate": (len(attempted - fallen), len(attempted)),
        "recovery_rate": (len(troubled & approved), len(troubled)),
        "error_rate": (len(failed), len(failed | approved)),
        "quality_score_rate": (round(math.fsum(scores) * 10_000), 10_000 * len(scores)),
    }


def _files(history: Sequence[Event], name: str) -> set[tuple[str, str]]:
    """Collect (request, kind) of the files with an event of this name."""
    return {
        (event.request_id, str(event.fields.get("kind") or event.fields.get("agent")))
        for event in history
        if event.name == name
    }


def _never_approved(history: Sequence[Event]) -> set[tuple[str, str]]:
    """Collect the files that were rejected or failed, and never approved."""
    failed = _files(history, events.ARTIFACT_REJECTED) | _files(history, events.ARTIFACT_FAILED)
    return failed - _files(history, events.ARTIFACT_APPROVED)
