"""The factories of the children: each builds the function that executes the commands of one kind.

`texts` and `trusted` run in children that never import generated code; all others run that code.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flagbench.acceptance.probe import (
    database,
    disguise,
    django_project,
    folder,
    lint,
    security,
    suite,
)
from flagbench.acceptance.probe.command_folder import in_folders
from flagbench.acceptance.probe.page import Page
from flagbench.acceptance.sandbox.child_main import Line

Command = dict[str, Any]
Answer = Callable[[Command], Any]


def texts() -> Answer:
    """Checks of files without running them, in a folder of their own for each command."""
    return in_folders(_dispatch({"lint": lint.lint, "bandit_findings": security.bandit_findings}))


def trusted() -> Answer:
    """Queries of databases and files from outside of the generated code."""
    return _dispatch({"query": database.query, "holding": folder.holding})


def migration() -> Answer:
    """Migrations of the schemas."""
    disguise.begin("python")
    return _dispatch({"migrate": database.migrate})


def tests(line: Line) -> Answer:
    """A suite; the application that it tests is served outside, over the line."""
    disguise.begin("pytest")

    def run(path: str, address: str) -> dict[str, Any]:
        return suite.run(path, address, line)

    return _dispatch({"suite": run})


def page() -> Answer:
    """A page; the API that it uses is served outside, on the socket that is passed there."""
    page = Page()
    disguise.begin("streamlit", "run")
    answer = _dispatch({"open": page.open, "rerun": page.rerun, "submit": page.submit})
    answer.passed = page.api  # type: ignore[attr-defined]
    return answer


def project() -> Answer:
    """The commands of a Django project but its server."""
    disguise.begin("manage.py")
    return _dispatch({
        "project.check": django_project.check,
        "project.migrations": django_project.migrations,
        "project.migrate": django_project.migrate,
        "project.models": django_project.models,
        "project.validation_errors": django_project.validation_errors,
        "project.display": django_project.display,
        "project.addresses": django_project.addresses,
    })  # fmt: skip


def _dispatch(commands: Mapping[str, Callable[..., Any]]) -> Answer:
    def answer(command: Command) -> Any:
        return commands[command.pop("do")](**command)

    return answer
