"""What human must do."""

import unittest

from units.size import human


class Human(unittest.TestCase):
    """Sizes below and above each unit."""

    def test_units(self):
        """A size has the greatest unit that it reaches, and one decimal."""
        for size, text in {0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB"}.items():
            self.assertEqual(human(size), text)
        self.assertEqual(human(5 * 2**20), "5.0 MiB")
