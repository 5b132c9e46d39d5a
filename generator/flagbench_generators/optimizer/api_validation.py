"""Validation of API endpoints against the service that should have them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flagbench_generators.optimizer.http_service import Service, ServiceFailed

BATCH_PATH = "/$batch"
_SAFE = ("GET", "HEAD")


def asked_of(endpoint: Mapping[str, Any]) -> tuple[str, str]:
    """The request that validates an endpoint: a safe method itself, else OPTIONS.

    Raises `ValueError` for an endpoint without a path.
    """
    path, method = endpoint.get("endpoint"), str(endpoint.get("method", "GET")).upper()
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f"endpoint {dict(endpoint)!r}; expected: 'endpoint', a path with a /")
    return (method if method in _SAFE else "OPTIONS"), path


def verdict(endpoint: Mapping[str, Any], status: int, allow: str) -> dict[str, Any]:
    """Judge an answer: valid if its status is below 400 and, by OPTIONS, the method is allowed."""
    method = str(endpoint.get("method", "GET")).upper()
    reason = None if status < 400 else f"status {status}"
    if reason is None and method not in _SAFE and method not in allow.upper().split(", "):
        reason = f"{method} is not allowed"
    return {**endpoint, "valid": reason is None, "status": status, "reason": reason}


def unknown(endpoint: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The verdict where the service gave none."""
    return {**endpoint, "valid": None, "status": None, "reason": reason}


async def validate(service: Service, endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """Validate one endpoint by a request of its own."""
    try:
        answer = await service.ask(*asked_of(endpoint))
    except ServiceFailed as failure:
        return unknown(endpoint, str(failure))
    return verdict(endpoint, answer.status_code, answer.headers.get("allow", ""))


async def validate_batch(
    service: Service, endpoints: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Validate several by one request; those that it does not answer, by their own."""
    asked = [asked_of(endpoint) for endpoint in endpoints]
    body = {"requests": [{"method": method, "url": path} for method, path in asked]}
    answers: Sequence[Any] = ()
    try:
        answer = await service.ask("POST", BATCH_PATH, body)
        if answer.status_code == 200:
            answers = answer.json()["responses"]
    except (ServiceFailed, ValueError, KeyError, TypeError):  # no batches: each by its own request
        answers = ()
    if len(answers) != len(endpoints):
        answers = [{"status": 500}] * len(endpoints)
    return [
        await validate(service, endpoint)
        if part["status"] == 429 or part["status"] >= 500
        else verdict(endpoint, part["status"], part.get("allow", ""))
        for endpoint, part in zip(endpoints, answers, strict=True)
    ]
