"""Errors of answers that are not recorded."""

from flagbench.cassette.answer_check import EXPECTED
from flagbench.errors import CouldNotRun, Problem

_SAID_CHARACTERS = 300


def about_key(status: int, words: str, said: bytes) -> CouldNotRun:
    """The error of an answer that is about the key, in the status' words and its own, scrubbed."""
    return CouldNotRun(
        Problem(
            f"the provider answered {status}: {words}: "
            f"{said.decode(errors='replace')[:_SAID_CHARACTERS]}",
            fix="check the key, --base-url and --model; nothing was recorded",
        )
    )


def faulty(method: str, path: str, fault: str) -> CouldNotRun:
    """The error of an answer that no client can use."""
    return CouldNotRun(
        Problem(
            f"the provider's answer cannot be used: {fault}",
            where=f"{method} {path}",
            expected=EXPECTED,
            fix="check --base-url and --model, and run the same command again: this answer was "
            "not kept, earlier ones were",
        )
    )
