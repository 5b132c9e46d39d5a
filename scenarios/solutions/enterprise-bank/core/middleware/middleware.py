"""Metrics and traces of every request."""

import re
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from monitoring.tracing.tracing import start_span

_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
_lock = threading.Lock()
_requests: Counter[tuple[str, str, int]] = Counter()
_buckets: Counter[float] = Counter()
_total = {"count": 0, "sum": 0.0}


def observe(method: str, path: str, status: int, seconds: float) -> None:
    """Count a request; ids and addresses are not part of its path."""
    path = re.sub(r"/\d+(?=/|$)", "/{id}", path)
    path = re.sub(r"/[^/]*(@|%40)[^/]*", "/{email}", path)
    path = re.sub(r'["\\\n]', "_", path)
    with _lock:
        _requests[method, path, status] += 1
        _total["count"] += 1
        _total["sum"] += seconds
        for bound in _BUCKETS:
            _buckets[bound] += seconds <= bound


def render() -> str:
    """The metrics in Prometheus' text format."""
    name = "http_request_duration_seconds"
    lines = [
        "# HELP http_requests_total Requests answered.",
        "# TYPE http_requests_total counter",
    ]
    with _lock:
        for (method, path, status), count in sorted(_requests.items()):
            labels = f'method="{method}",path="{path}",status="{status}"'
            lines.append(f"http_requests_total{{{labels}}} {count}")
        lines.append(f"# HELP {name} Seconds that requests took.")
        lines.append(f"# TYPE {name} histogram")
        for bound in _BUCKETS:
            lines.append(f'{name}_bucket{{le="{bound}"}} {_buckets[bound]}')
        lines.append(f'{name}_bucket{{le="+Inf"}} {_total["count"]}')
        lines.append(f"{name}_sum {_total['sum']}")
        lines.append(f"{name}_count {_total['count']}")
    return "\n".join(lines) + "\n"


async def measure(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Answer a request within a span, and count it."""
    started = time.perf_counter()
    with start_span(f"{request.method} request"):
        response = await call_next(request)
    seconds = time.perf_counter() - started
    observe(request.method, request.url.path, response.status_code, seconds)
    return response
