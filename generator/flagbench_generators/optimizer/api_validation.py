"""Validation of API endpoints against the service that should have them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from flagbench_generators.optimizer.http_service import Service, ServiceFailed, is_temporary

BATCH_PATH = "/$batch"
_SAFE = ("GET", "HEAD")
# A method and a path.
Asked = tuple[str, str]


def asked_for(endpoint: Mapping[str, Any]) -> Asked:
    """Method and path of an endpoint. Raises `ValueError` for one without a path."""
    path, method = endpoint.get("endpoint"), str(endpoint.get("method", "GET")).upper()
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f"endpoint {dict(endpoint)!r}; expected: 'endpoint', a path with a /")
    return method, path


async def validate_all(service: Service, asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """Validate several by one request; those that it does not answer, by requests of their own.

    `valid` is None where the service gave no answer.
    """
    verdicts = await _batch(service, asked) if len(asked) > 1 else [None]
    alone = [pair for pair, verdict in zip(asked, verdicts, strict=True) if verdict is None]
    rest = iter(await asyncio.gather(*(_validate(service, pair) for pair in alone)))
    return [next(rest) if verdict is None else verdict for verdict in verdicts]


async def _validate(service: Service, asked: Asked) -> dict[str, Any]:
    try:
        answer = await service.ask(*_request(asked))
    except ServiceFailed as failure:
        return _unknown(failure)
    return _verdict(asked, answer.status_code, answer.headers.get("allow", ""))


async def _batch(service: Service, asked: Sequence[Asked]) -> list[dict[str, Any] | None]:
    nothing: list[dict[str, Any] | None] = [None] * len(asked)
    if BATCH_PATH in service.missing:
        return nothing
    requests = [{"method": method, "url": path} for method, path in map(_request, asked)]
    try:
        answer = await service.ask("POST", BATCH_PATH, {"requests": requests})
        if answer.status_code in (404, 405, 501):
            service.missing.add(BATCH_PATH)
        parts = answer.json()["responses"] if answer.status_code == 200 else ()
    except ServiceFailed as failure:
        return [_unknown(failure) for _ in asked] if failure.is_final else nothing
    except (ValueError, KeyError, TypeError):
        return nothing
    return [
        _verdict(pair, part["status"], str(part.get("allow", ""))) if _is_usable(part) else None
        for pair, part in zip(asked, parts, strict=True)
    ] if isinstance(parts, list) and len(parts) == len(asked) else nothing  # fmt: skip


def _unknown(failure: ServiceFailed) -> dict[str, Any]:
    return {"valid": None, "status": None, "reason": str(failure)}


def _is_usable(part: Any) -> bool:
    """True if a service answered, and need not be asked again."""
    status = part.get("status") if isinstance(part, dict) else None
    return isinstance(status, int) and not is_temporary(status)


def _request(asked: Asked) -> Asked:
    """The request that validates a method of a path: a safe one itself, others by OPTIONS."""
    method, path = asked
    return (method if method in _SAFE else "OPTIONS"), path


def _verdict(asked: Asked, status: int, allow: str) -> dict[str, Any]:
    """Judge an answer: valid if its status is below 400 and, by OPTIONS, the method is allowed."""
    method, reason = asked[0], None if status < 400 else f"status {status}"
    allowed = [name.strip() for name in allow.upper().split(",")]
    if reason is None and method not in _SAFE and method not in allowed:
        reason = f"{method} is not allowed"
    return {"valid": reason is None, "status": status, "reason": reason}
