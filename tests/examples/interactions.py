"""Recorded calls, and a short explanation of one that is not recorded."""

import json
from dataclasses import replace

from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.vcr_adapter import SentRequest
from flagbench.errors import CouldNotRun, Problem


def interaction(prompt: str = "a", answer: str = "b", **changes: object) -> Interaction:
    """A recorded call."""
    return replace(
        Interaction(
            method="POST",
            path="/v1/chat/completions",
            request_body=json.dumps({"model": "m", "prompt": prompt}).encode(),
            status=200,
            reason="OK",
            headers={},
            response_body=json.dumps(
                {"content": answer, "choices": [{"message": {"content": answer}}]}
            ).encode(),
            elapsed_seconds=1.5,
        ),
        **changes,
    )


def explain(_cassette: Cassette, asked: SentRequest) -> CouldNotRun:
    """A short explanation, so that a test sees what it is given."""
    return CouldNotRun(Problem(f"not recorded: {asked.path} {asked.body!r} {asked.occurrence}"))
