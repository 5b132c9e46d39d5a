"""The commands that a judge may give, and who carries them out."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.acceptance.probe import database, lint, suite
from harness.acceptance.probe.api import Api
from harness.acceptance.probe.page import Page


def answerer() -> Callable[[dict[str, Any]], Any]:
    """What carries out one command after the other, in the directory of one application."""
    database.use("app.db")
    sys.path.insert(0, str(Path.cwd()))
    api = Api()
    page = Page(api)
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
    }

    def answer(command: dict[str, Any]) -> Any:
        return commands[command.pop("do")](**command)

    return answer
