"""Prompts of recorded calls as lines: of today, and of the commit that accepted a baseline."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flagbench import git
from flagbench.cassette import file
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CouldNotRun

_MESSAGES = "messages"


def prompt_of(cassette: Cassette, digest: str) -> Sequence[str]:
    """The prompt of the call whose request digest has this prefix. Raises `LookupError`."""
    for interaction in cassette.interactions:
        if interaction.key.startswith(digest):
            return lines_of(interaction)
    raise LookupError(f"no recorded request has the digest {digest}")


def accepted_prompt_of(cassette: Cassette, digest: str, accepted: Path) -> Sequence[str]:
    """The prompt as of the last commit of the file `accepted`, or as of today.

    Raises `LookupError` with the reason if neither cassette has it.
    """
    try:
        return prompt_of(cassette, digest)
    except LookupError:
        return prompt_of(_committed(cassette.path.absolute(), accepted.absolute()), digest)


@cache  # a commit does not change, and reading a cassette is slow
def _committed(path: Path, accepted: Path) -> Cassette:
    commit = git.last_change(accepted)
    try:
        content = git.show(f"{commit}:./{path.name}", path.parent)
        return file.parse(content, path, record_command="")
    except CouldNotRun as error:
        raise LookupError(f"the cassette of commit {commit[:12]}: {error}") from error


def lines_of(interaction: Interaction) -> list[str]:
    """The fields of a request, a line each, and its messages, each after a line with its role."""
    try:
        request = json.loads(interaction.request_body)
        fields = [
            f"{name}: {json.dumps(value, ensure_ascii=False, sort_keys=True)}"
            for name, value in sorted(request.items())
            if name != _MESSAGES
        ]
        return fields + [
            line
            for message in request[_MESSAGES]
            for line in (f"[{message['role']}]", *_text(message["content"]).splitlines())
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return interaction.request_body.decode(errors="replace").splitlines()


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
