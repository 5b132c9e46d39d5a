"""Prompts of recorded calls as lines, now and as they were when a baseline was accepted."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flagbench import git
from flagbench.cassette import file
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CouldNotRun


def sent(tape: Cassette, digest: str) -> Sequence[str]:
    """The prompt of the call whose request's digest begins so. Raises `LookupError`."""
    for one in tape.interactions:
        if one.key.startswith(digest):
            return _lines(one)
    raise LookupError(f"no recorded request has the digest {digest}")


def once_sent(tape: Cassette, digest: str, accepted: Path) -> Sequence[str]:
    """A prompt as it was when the file `accepted` was committed; the tape of today may have it too.

    Raises `LookupError` that says why it is not there.
    """
    try:
        return sent(tape, digest)
    except LookupError:
        return sent(_committed(tape.path.absolute(), accepted.absolute()), digest)


@cache  # what a commit holds does not change, and reading a cassette takes its time
def _committed(cassette: Path, accepted: Path) -> Cassette:
    commit = git.last_change(accepted)
    try:
        content = git.show(f"{commit}:./{cassette.name}", cassette.parent)
        return file.parsed(content, cassette, record_command="")
    except CouldNotRun as error:
        raise LookupError(f"the cassette of commit {commit[:12]}: {error}") from error


def _lines(one: Interaction) -> list[str]:
    """A line each for who speaks, then what is said."""
    try:
        messages = json.loads(one.request_body)["messages"]
        return [
            line
            for message in messages
            for line in (f"[{message['role']}]", *_text(message["content"]).splitlines())
        ]
    except (ValueError, LookupError, TypeError):
        return one.request_body.decode(errors="replace").splitlines()


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
