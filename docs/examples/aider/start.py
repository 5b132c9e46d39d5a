"""Starts aider in a git repository; the date and the system that its prompt names hold still."""

import platform
import subprocess
import sys
from datetime import datetime

from aider.coders import base_coder
from aider.main import main


class Recorded(datetime):
    """A day that does not pass."""

    @classmethod
    def now(cls, tz=None):
        """The day of the recording."""
        return cls(2026, 1, 1, tzinfo=tz)


if __name__ == "__main__":
    platform.platform = lambda *_: "Linux"
    base_coder.datetime = Recorded
    # The repository map lists what git knows.
    subprocess.run(["git", "init", "--quiet"], check=True)
    subprocess.run(["git", "add", "shop"], check=True)
    sys.exit(main())
