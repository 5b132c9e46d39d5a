"""Events of a session as frozen values, passed to a listener."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Recognition
CACHE_HIT = "cache_hit"
CACHE_MISS = "cache_miss"
CACHE_WRITE = "cache_write"
CACHE_CLEANUP = "cache_cleanup"
CACHE_CORRUPT = "cache_corrupt"
CACHE_UNAVAILABLE = "cache_unavailable"
RECOGNITION_FAILED = "recognition_failed"
# What was made of a request, and what was not: lists of words. No decision, so no step of a trace.
UNDERSTOOD = "understood"

# Production
TEMPLATE_SELECTED = "template_selected"
TEMPLATE_FALLBACK = "template_fallback"
PARALLEL_FALLBACK = "parallel_fallback"
PATCH_FALLBACK = "patch_fallback"
SIMPLIFIED_TEMPLATE = "simplified_template"
BATCH_SENT = "batch_sent"
COMPONENT_MISSING = "component_missing"
CONTEXT_COMPRESSED = "context_compressed"
CONTEXT_DROPPED = "context_dropped"
COMPONENT_DROPPED = "component_dropped"
OVER_BUDGET = "over_budget"

# Review
CONFIDENT_APPROVAL = "validation_confident_approval"
CONFIDENT_REJECTION = "validation_confident_rejection"
UNCERTAIN = "validation_uncertain_llm_required"
ARTIFACT_APPROVED = "artifact_approved"
ARTIFACT_REJECTED = "artifact_rejected"
ARTIFACT_FAILED = "artifact_failed"
QUALITY_SCORED = "quality_scored"
AUTO_APPROVED = "auto_approved"
PERSON_REVIEWS = "person_reviews"

# Calls
LLM_CALL = "llm_call"
FORMAT_REFUSED = "format_refused"
RETRY = "retry"

# The end of a request, and of a session
REQUEST_DONE = "request_done"
OPTIMIZATION_SUMMARY = "optimization_summary"
PERFORMANCE_WARNING = "performance_warning"


@dataclass(frozen=True, slots=True)
class Event:
    """An event of one request of a session."""

    name: str
    request_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class History:
    """A listener that keeps every event that it passes on."""

    listener: Listener
    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Keep an event and pass it on."""
        self.events.append(event)
        self.listener(event)


@dataclass(frozen=True, slots=True)
class Trace:
    """A listener bound to one request: adds its id to every event."""

    request_id: str
    listener: Listener

    def __call__(self, name: str, **fields: Any) -> None:
        """Emit an event."""
        self.listener(Event(name, self.request_id, fields))


def request_ids(requests: Sequence[str]) -> list[str]:
    """Return one id per request: equal for equal sessions, distinct within a session."""
    session = hashlib.sha256(json.dumps(list(requests)).encode()).hexdigest()[:8]
    return [f"{session}-{number:02d}" for number in range(1, len(requests) + 1)]
