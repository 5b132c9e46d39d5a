"""The commands of the probe and their dispatch."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flagbench.acceptance.probe import database, django_project, lint, security, suite
from flagbench.acceptance.probe.api import Api
from flagbench.acceptance.probe.django_api import Project
from flagbench.acceptance.probe.page import Page


def answerer() -> Callable[[dict[str, Any]], Any]:
    """Build the function that executes commands in the directory of one application."""
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
        "bandit_findings": security.bandit_findings,
        "project.check": django_project.check,
        "project.migrations": django_project.migrations,
        "project.migrate": django_project.migrate,
        "project.models": django_project.models,
        "project.validation_errors": django_project.validation_errors,
        "project.display": django_project.display,
        "project.addresses": django_project.addresses,
        "project.serve": project.serve,
        "project.request": project.request,
    }

    def answer(command: dict[str, Any]) -> Any:
        return commands[command.pop("do")](**command)

    return answer
