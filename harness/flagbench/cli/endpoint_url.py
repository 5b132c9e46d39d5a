"""The address of a provider, checked before anything is sent to it."""

import re
from contextlib import suppress

from flagbench.cassette.address import shown
from flagbench.errors import InputError, Problem
from flagbench.http_library import httpx


def checked(base_url: str) -> str:
    """The address itself. Raises `InputError` for one that no client can ask.

    A client puts its paths behind the address, and so behind a query, where no server looks.
    """
    address = re.split("[?#]", base_url)[0]
    try:
        parts = httpx.URL(address)
        is_usable = parts.scheme in ("http", "https") and bool(parts.host)
    except (httpx.InvalidURL, ValueError):  # also of half an emoji
        is_usable = False
    if not is_usable or address != base_url:
        what = "has a query or a fragment" if is_usable else "is not an address"
        expected = "http(s)://HOST/…, without a query"
        raise InputError(Problem(f"{_shown(address)} {what}", "--base-url", expected))
    return base_url


def _shown(text: str) -> str:
    """Return a text that may be no address, without a user and keys in its path."""
    with suppress(ValueError):
        text = shown(text)
    return re.sub("[^/]*@", "", text)
