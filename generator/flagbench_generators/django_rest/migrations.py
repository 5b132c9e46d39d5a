"""The migrations of a written project: Django makes them itself, from the models."""

import os
import subprocess
import sys
from pathlib import Path

# Of a traceback, the end says what is wrong and in which file.
LAST_LINES = 8


def make(folder: Path) -> str:
    """Run the project's own makemigrations; "" if that worked, else what Django said.

    It imports what was generated, so only call it for files that somebody approved.
    """
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "api", "--no-header"],
        cwd=folder,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else "\n".join(said[-LAST_LINES:])
