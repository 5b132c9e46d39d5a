"""Tokens: who a user is."""

import base64
import hashlib
import hmac
import json
import time

from core.config.settings import settings

LIFETIME_SECONDS = 3600


def issue_token(username: str, password: str) -> str | None:
    """A token for a user; None for a wrong name or password."""
    user = settings.users.get(username)
    expected = user.password if user else ""
    is_right = hmac.compare_digest(expected.encode(), password.encode())
    if user is None or not is_right:
        return None
    claims = {"sub": username, "exp": int(time.time()) + LIFETIME_SECONDS}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"{body}.{_signature(body)}"


def current_user(header: str | None) -> dict[str, str] | None:
    """The user of an Authorization header; None without a valid token."""
    scheme, _, token = (header or "").partition(" ")
    body, _, signature = token.partition(".")
    if scheme.lower() != "bearer":
        return None
    if not hmac.compare_digest(_signature(body).encode(), signature.encode()):
        return None
    claims = json.loads(base64.urlsafe_b64decode(body))
    user = settings.users.get(claims["sub"])
    if user is None or claims["exp"] < time.time():
        return None
    return {"username": user.username, "role": user.role}


def _signature(body: str) -> str:
    key = settings.secret_key.encode()
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
