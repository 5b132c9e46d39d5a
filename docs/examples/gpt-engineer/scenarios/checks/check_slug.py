"""slug.py has the function of the second request."""

from slug import slug


def test_slug():
    """Words in lower case, joined by hyphens."""
    assert slug("  Two  Words ") == "two-words"
