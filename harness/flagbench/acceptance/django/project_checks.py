"""Checks of a project before any request: bandit, Django's system checks, migrations."""

import re

from flagbench.acceptance.django.probe_client import Message, Project
from flagbench.acceptance.django.rest_api import FILES, MODELS, refutation
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import Selection
from flagbench.scenario.erd import Erd

# django.core.checks.WARNING
_WARNING = 30
# "Fixed default value provided": correct where the ERD has a fixed default close to today.
_NEAR_TODAY = "fields.W161"


def check_bandit(probe: ProbeClient) -> None:
    """Check that bandit has no finding of high severity. Raises `Refuted`."""
    for path in FILES:
        findings = probe.bandit_findings(path)
        if findings:
            raise refutation("bandit", path, "; ".join(findings[:3]))


def check_structure(project: Project, erd: Erd, selection: Selection) -> None:
    """Check that the project starts and that its migrations are complete. Raises `Refuted`."""
    try:
        messages = project.check()
    except Raised as raised:
        raise refutation_of("check", f"the project does not start: {raised}", raised) from raised
    for message in messages if selection.has("check") else ():
        if message.level >= _WARNING and not _is_specified(message, erd):
            what = f"{message.about}: {message.text} ({message.id})"
            raise refutation("check", _file_of(message), what)
    try:
        migrations = project.migrations()
    except Raised as raised:
        raise refutation_of("migrations", f"makemigrations raised {raised}", raised) from raised
    if not migrations.made and selection.has("migrations"):
        what = "makemigrations writes no migration; expected: one that creates the models"
        raise refutation("migrations", MODELS, what)
    if migrations.changes and selection.has("migrations"):
        what = f"a second makemigrations finds changes: {migrations.changes[0]}"
        hint = "a value that is computed at import differs each time"
        raise refutation("migrations", MODELS, f"{what}; {hint}")
    try:
        project.migrate()
    except Raised as raised:
        raise refutation_of("migrate", f"migrate raised {raised}", raised) from raised


def _is_specified(message: Message, erd: Erd) -> bool:
    """True for a warning about a default that the ERD specifies."""
    if message.id != _NEAR_TODAY:
        return False
    model, _, name = message.about.removeprefix("api.").partition(".")
    return any(
        (entity.name, field.name) == (model, name) and field.default is not None
        for entity in erd.entities
        for field in entity.fields
    )


def _file_of(message: Message) -> str:
    """The file at fault for a system check, judged by its id."""
    is_of_urls = re.match(r"(urls|templates|security|rest_framework)", message.id)
    return "api/urls.py" if is_of_urls else MODELS


def refutation_of(check: str, message: str, raised: Raised) -> Refuted:
    """Build the finding for an exception, at the last line of the project in its traceback."""
    lines = re.findall(r'File "[^"]*?/((?:api|config)/\w+\.py)", line (\d+)', raised.traceback_text)
    path, line = lines[-1] if lines else (MODELS, "")
    return refutation(check, path, message + (f" (line {line})" if line else ""))
