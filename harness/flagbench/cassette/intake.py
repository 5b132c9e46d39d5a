"""What never enters a cassette: answers about the caller's key, and requests with secrets."""

from flagbench.cassette import scrub
from flagbench.cassette.secret_kinds import secrets_in

# Answers about the key of the caller: never kept.
NEVER_KEPT = {401: "the API key was rejected", 403: "the API key lacks this permission"}


def kinds_of_secrets(body: bytes, secrets: tuple[str, ...]) -> str:
    """The kind and the place of each secret in a request, never its value; "" without any."""
    text, _ = scrub.text_of(body)
    return ", ".join(
        f"{secret.kind} at character {secret.start + 1} of the body"
        for secret in secrets_in(text, secrets)
    )
