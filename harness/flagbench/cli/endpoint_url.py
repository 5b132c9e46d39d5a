"""The address of a provider, checked before anything is sent to it."""

from flagbench.errors import InputError, Problem
from flagbench.http_library import httpx


def checked(base_url: str) -> str:
    """The address itself. Raises `InputError` for one that no client can ask."""
    try:
        parts = httpx.URL(base_url)
        is_one = parts.scheme in ("http", "https") and bool(parts.host)
    except (httpx.InvalidURL, ValueError):  # also of half an emoji
        is_one = False
    if not is_one:
        raise InputError(Problem(f"{base_url} is not an address", "--base-url", "http(s)://HOST/…"))
    return base_url
