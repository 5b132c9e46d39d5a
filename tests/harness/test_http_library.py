"""The HTTP library under the installed openai."""

import openai

from flagbench.http_library import NAME, httpx


def test_it_is_the_library_that_openai_is_made_of() -> None:
    """A client of another library would raise errors that openai does not know."""
    assert issubclass(openai.DefaultAsyncHttpxClient, httpx.AsyncClient)
    assert httpx.__name__ == NAME
