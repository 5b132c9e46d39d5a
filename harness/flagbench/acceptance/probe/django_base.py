"""A database with the tables of Django's own applications.

Creating them takes a tenth of a second for each project and does not depend on it.
"""

import os
import tempfile
import traceback
from functools import cache
from pathlib import Path

_APPS = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework.authtoken",
)
_FILE = "base.db"


@cache  # once in the warm parent, so that the children have it
def base_database() -> bytes:
    """Create the tables; the content of the SQLite file.

    Runs in a forked process, because Django's settings cannot be replaced once they are read.
    Raises `RuntimeError`.
    """
    with tempfile.TemporaryDirectory(prefix="flagbench-") as folder:
        child = os.fork()
        if child == 0:
            try:
                _make(str(Path(folder, _FILE)))
                os._exit(0)
            except BaseException:  # the parent sees the exit code only
                traceback.print_exc()
                os._exit(1)
        if os.waitpid(child, 0)[1] != 0:
            msg = "Django could not create the tables of its own applications"
            raise RuntimeError(msg)
        return Path(folder, _FILE).read_bytes()


def _make(file: str) -> None:
    import django  # noqa: PLC0415  only the fork may set it up
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": file}
    settings.configure(INSTALLED_APPS=_APPS, DATABASES={"default": database}, USE_TZ=True)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
