"""Spans of work, written to the log as JSON."""

import json
import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_logger = logging.getLogger("tracing")
_trace: ContextVar[str] = ContextVar("trace", default="")


@contextmanager
def start_span(name: str) -> Iterator[str]:
    """Time a block of work; yields the id of its trace."""
    trace = _trace.get() or uuid.uuid4().hex
    reset = _trace.set(trace)
    started = time.perf_counter()
    try:
        yield trace
    finally:
        _trace.reset(reset)
        seconds = time.perf_counter() - started
        span = {"name": name, "trace": trace, "seconds": round(seconds, 6)}
        _logger.info(json.dumps(span))
