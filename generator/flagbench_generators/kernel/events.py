"""What happened, as frozen values; a listener is an argument wherever something happens."""

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

# Production
TEMPLATE_SELECTED = "template_selected"
TEMPLATE_FALLBACK = "template_fallback"
PARALLEL_FALLBACK = "parallel_fallback"
PATCH_FALLBACK = "patch_fallback"

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
RETRY = "retry"

# The end of a request, and of a session
REQUEST_DONE = "request_done"
OPTIMIZATION_SUMMARY = "optimization_summary"
PERFORMANCE_WARNING = "performance_warning"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened for one request of a session (`request_id`)."""

    name: str
    request_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Trace:
    """A listener that stamps one request's id on everything."""

    request_id: str
    listener: Listener

    def __call__(self, name: str, **fields: Any) -> None:
        """Tell that something happened."""
        self.listener(Event(name, self.request_id, fields))


def request_ids(requests: Sequence[str]) -> list[str]:
    """One id per request: the same for the same session, different within one."""
    session = hashlib.sha256(json.dumps(list(requests)).encode()).hexdigest()[:8]
    return [f"{session}-{number:02d}" for number in range(1, len(requests) + 1)]
