"""Answers under load."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient

REQUESTS = 20
WORKERS = 4
# Generous: machines that run tests are busy with other work.
MAX_SECONDS = 5.0


def test_reads_under_load(
    client: TestClient, headers: Callable[[str], dict[str, str]]
) -> None:
    admin = headers("alice")

    def read(_: int) -> tuple[int, float]:
        started = time.perf_counter()
        answer = client.get("/api/v1/customers", headers=admin)
        return answer.status_code, time.perf_counter() - started

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(read, range(REQUESTS)))
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < MAX_SECONDS
