"""The commands that a judge may give, and who carries them out."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flagbench.acceptance.probe import database, django_project, lint, security, suite
from flagbench.acceptance.probe.api import Api
from flagbench.acceptance.probe.django_api import Project
from flagbench.acceptance.probe.page import Page


def answerer() -> Callable[[dict[str, Any]], Any]:
    """What carries out one command after the other, in the directory of one application."""
    database.use("app.db")
    sys.path.insert(0, str(Path.cwd()))
    api = Api()
    page = Page(api)
    project = Project()
    commands: Mapping[str, Callable[..., Any]] = {
        "lint": lint.lint,
        "use": database.use,
        "migrate": database.migrate,
        "query": database.query,
        "boot": api.boot,
        "request": api.request,
        "open": page.open,
        "submit": page.submit,
        "suite": suite.run,
        "dangers": security.dangers,
        "project.check": django_project.check,
        "project.migrations": django_project.migrations,
        "project.migrate": django_project.migrate,
        "project.models": django_project.models,
        "project.refused": django_project.refused,
        "project.words": django_project.words,
        "project.addresses": django_project.addresses,
        "project.serve": project.serve,
        "project.request": project.request,
    }

    def answer(command: dict[str, Any]) -> Any:
        return commands[command.pop("do")](**command)

    return answer
