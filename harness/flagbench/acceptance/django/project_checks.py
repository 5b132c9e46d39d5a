"""A project before anybody uses it: bandit, Django's checks, migrations."""

import re

from flagbench.acceptance.django.probe_client import Message, Project
from flagbench.acceptance.django.rest_api import FILES, MODELS, refuted
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.erd import Erd

# django.core.checks.WARNING
_WARNING = 30
# "Fixed default value provided": right where the ERD asks for a day that is about today.
_NEAR_TODAY = "fields.W161"


def check_bandit(asker: ProbeClient) -> None:
    """No file does what bandit finds to be of high severity."""
    for path in FILES:
        found = asker.dangers(path)
        if found:
            raise refuted("bandit", path, "; ".join(found[:3]))


def check_structure(project: Project, erd: Erd) -> None:
    """From the first import to tables that are as the ERD has them."""
    try:
        messages = project.check()
    except Raised as raised:
        raise blamed("check", f"the project does not start: {raised}", raised) from raised
    for one in messages:
        if one.level >= _WARNING and not _is_as_asked(one, erd):
            raise refuted("check", _file_of(one), f"{one.about}: {one.text} ({one.id})")
    try:
        migrations = project.migrations()
    except Raised as raised:
        raise blamed("migrations", f"makemigrations raised {raised}", raised) from raised
    if not migrations.made:
        what = "makemigrations writes nothing; right would be a migration with the models"
        raise refuted("migrations", MODELS, what)
    if migrations.changes:
        what = f"makemigrations finds changes when it is run again: {migrations.changes[0]}"
        why = "a value that is made at import is another one each time"
        raise refuted("migrations", MODELS, f"{what}; {why}")
    try:
        project.migrate()
    except Raised as raised:
        raise blamed("migrate", f"migrate raised {raised}", raised) from raised


def _is_as_asked(message: Message, erd: Erd) -> bool:
    """Whether a warning is about a default that the ERD asks for."""
    if message.id != _NEAR_TODAY:
        return False
    model, _, field = message.about.removeprefix("api.").partition(".")
    return any(
        (entity.name, one.name) == (model, field) and one.default is not None
        for entity in erd.entities
        for one in entity.fields
    )


def _file_of(message: Message) -> str:
    """The file that a check of Django's is about: the models unless it is of other things."""
    named = re.match(r"(urls|templates|security|rest_framework)", message.id)
    return "api/urls.py" if named else MODELS


def blamed(check: str, message: str, raised: Raised) -> Refuted:
    """A finding in the last file of the project that an exception went through."""
    lines = re.findall(r'File "[^"]*?/((?:api|config)/\w+\.py)", line (\d+)', raised.traceback_text)
    path, line = lines[-1] if lines else (MODELS, "")
    return refuted(check, path, message + (f" (line {line})" if line else ""))
