"""A generated Streamlit page: run by Streamlit's own AppTest against the generated API."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flagbench.acceptance.probe.api import Api

# Longer than the sandbox waits, which tells what ran out of time from what is wrong.
TIMEOUT_SECONDS = 600.0
_INPUTS = (
    "text_input", "text_area", "number_input", "checkbox", "toggle", "date_input",
    "datetime_input", "time_input", "selectbox", "radio", "multiselect",
)  # fmt: skip


class Page:
    """A page in a browser session."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._page: Any = None

    def open(self, path: str) -> dict[str, Any]:
        """Serve the API, which was booted, and open the page: what a user sees."""
        from streamlit.testing.v1 import AppTest  # noqa: PLC0415  only the sandbox imports it

        os.environ["API_URL"] = self._api.serve()
        file = str(Path(path).resolve())  # a relative one would be looked for beside this module
        self._page = AppTest.from_file(file, default_timeout=TIMEOUT_SECONDS).run()
        return self._seen()

    def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
        """Fill the inputs by label, press the button: what a user then sees."""
        for kind, one in list(self._inputs()):
            if one.label in values:
                one.set_value(_as_input(kind, values[one.label]))
        next(one for one in self._page.button if one.label == button).click()
        self._page.run()
        return self._seen()

    def _seen(self) -> dict[str, Any]:
        return {
            "inputs": [[kind, one.label] for kind, one in self._inputs()],
            "buttons": [one.label for one in self._page.button],
            "errors": [one.value for one in self._page.error],
            "raised": [f"{one.message}" for one in self._page.exception],
        }

    def _inputs(self) -> Iterator[tuple[str, Any]]:
        for kind in _INPUTS:
            for one in getattr(self._page, kind, ()):
                yield kind, one


def _as_input(kind: str, value: Any) -> Any:
    """A JSON value as the widget takes it."""
    if kind == "date_input":
        return dt.date.fromisoformat(value[:10])
    if kind == "datetime_input":
        return dt.datetime.fromisoformat(value)
    if kind == "time_input":
        return dt.datetime.fromisoformat(value).time()
    if kind in ("text_input", "text_area"):
        return str(value)
    return value
