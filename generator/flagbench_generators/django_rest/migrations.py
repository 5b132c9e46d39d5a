"""Migrations of a generated project, made by Django from its models."""

import os
import subprocess
import sys
from pathlib import Path

# The end of a traceback names the error and its file.
LAST_LINES = 8


def make_migrations(folder: Path) -> str:
    """Run the project's makemigrations; return "" on success, else the end of Django's output.

    It imports the generated files, so call it only for approved ones.
    """
    process = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "api", "--no-header"],
        cwd=folder,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    output = (process.stderr or process.stdout).strip().splitlines()
    return "" if process.returncode == 0 else "\n".join(output[-LAST_LINES:])
