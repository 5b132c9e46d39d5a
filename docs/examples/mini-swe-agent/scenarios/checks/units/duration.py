"""What parse must do."""

import unittest

from units.duration import parse


class Parse(unittest.TestCase):
    """Durations of one part and of more."""

    def test_parts(self):
        """All parts of a duration count."""
        for text, seconds in {"45s": 45, "2m": 120, "1h30m": 5400, "1h1m1s": 3661}.items():
            self.assertEqual(parse(text), seconds, text)
