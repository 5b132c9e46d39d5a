"""average.py has the function of the first request."""

from average import average


def test_average():
    """The mean; 0 for no numbers."""
    assert average([1, 2, 6]) == 3
    assert average([]) == 0
