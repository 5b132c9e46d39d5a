"""Chat completions that take several attempts, by the model's name."""

import time
from collections.abc import Callable, Mapping
from email.utils import formatdate

from provider.answer import Answer, Asked, completion, in_json

WAIT_SECONDS = 3
SHORT_WAIT_SECONDS = 2
FAILURES = 2


def _refusal(retry_after: str) -> Answer:
    return in_json({"error": {"message": "slow down"}}, 429, Retry_After=retry_after)


def _refused_once(asked: Asked, retry_after: Callable[[], str]) -> Answer:
    is_first = asked.times == 1
    return _refusal(retry_after()) if is_first else in_json(completion("after a retry"))


def _failing(asked: Asked) -> Answer:
    if asked.times <= FAILURES:
        return in_json({"error": {"message": "try again"}}, 500)
    return in_json(completion("after a retry"))


CHAT: Mapping[str, Callable[[Asked], Answer]] = {
    "m-retry-date": lambda asked: _refused_once(
        asked, lambda: formatdate(time.time() + WAIT_SECONDS, usegmt=True)
    ),
    "m-retry-seconds": lambda asked: _refused_once(asked, lambda: str(SHORT_WAIT_SECONDS)),
    "m-500": _failing,
    "m-numbered": lambda asked: in_json(completion(f"answer {asked.times}")),
}
