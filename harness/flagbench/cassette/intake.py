"""The way of an answer into a cassette: headers selected, secrets and identities scrubbed."""

from collections.abc import Mapping
from http import HTTPStatus

from flagbench.cassette import retry_after, scrub
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.secret_kinds import secrets_in
from flagbench.headers import OUTCOME

# Answers about the key of the caller: never kept.
NEVER_KEPT = {401: "the API key was rejected", 403: "the API key lacks this permission"}
_KNOWN_STATUS = frozenset(HTTPStatus)


def interaction_of(
    method: str,
    path: str,
    request_body: bytes,
    *,
    status: int,
    headers: Mapping[str, tuple[str, ...]],
    body: bytes,
    elapsed_seconds: float | None,
    secrets: tuple[str, ...],
    is_simulated: bool = False,
) -> Interaction:
    """The call as a cassette keeps it.

    `body` is decoded, `headers` have lower-case names. The path is that in the cassette. The
    request is kept as it is: it is the key.
    """
    kept = [name for name in scrub.KEPT_RESPONSE_HEADERS if is_simulated or name != OUTCOME]
    return Interaction(
        method=method,
        path=path,
        request_body=request_body,
        status=status,
        # The standard phrase, since the provider's own text may contain a name.
        reason=HTTPStatus(status).phrase if status in _KNOWN_STATUS else "",
        headers=scrub.scrub_headers(retry_after.without_date(headers), kept, secrets),
        response_body=scrub.scrub_answer(body, secrets, is_error=status >= 400),
        elapsed_seconds=None if elapsed_seconds is None else round(elapsed_seconds, 6),
    )


def kinds_of_secrets(body: bytes, secrets: tuple[str, ...]) -> str:
    """The kind and the place of each secret in a request, never its value; "" without any."""
    text, _ = scrub.text_of(body)
    return ", ".join(
        f"{secret.kind} at character {secret.start + 1} of the body"
        for secret in secrets_in(text, secrets)
    )
