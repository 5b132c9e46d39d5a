"""A database that has the tables of Django's own applications already.

Making them takes a tenth of a second, and is nothing that a generated project does.
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
    """The content of the SQLite file.

    Made by a process of its own: settings, once read, cannot be others. Raises `RuntimeError`.
    """
    with tempfile.TemporaryDirectory(prefix="flagbench-") as folder:
        child = os.fork()
        if child == 0:
            try:
                _make(str(Path(folder, _FILE)))
                os._exit(0)
            except BaseException:  # whatever it is, the parent must be told
                traceback.print_exc()
                os._exit(1)
        if os.waitpid(child, 0)[1] != 0:
            msg = "Django could not make the tables of its own applications"
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
