"""A generated Streamlit page, run by Streamlit's AppTest against an API that is served outside."""

import datetime as dt
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Longer than the timeout of the sandbox, so that a timeout is not taken for a failure.
TIMEOUT_SECONDS = 600.0
_INPUTS = (
    "text_input", "text_area", "number_input", "checkbox", "toggle", "date_input",
    "datetime_input", "time_input", "selectbox", "radio", "multiselect",
)  # fmt: skip


class Page:
    """A page in a browser session; `api` is the socket on which it expects its API."""

    def __init__(self) -> None:
        self.api = socket.create_server(("127.0.0.1", 0))
        self._page: Any = None

    def open(self, path: str) -> dict[str, Any]:
        """Open the page; its state."""
        from streamlit.testing.v1 import AppTest  # noqa: PLC0415  only the sandbox imports it

        os.environ["API_URL"] = f"http://127.0.0.1:{self.api.getsockname()[1]}"
        file = str(Path(path).resolve())  # relative paths would start at this module's folder
        self._page = AppTest.from_file(file, default_timeout=TIMEOUT_SECONDS).run()
        return self._state()

    def rerun(self) -> dict[str, Any]:
        """Run the page again without pressing anything; its state."""
        self._page.run()
        return self._state()

    def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
        """Fill the inputs by label and press the button; the state of the page."""
        for kind, widget in list(self._inputs()):
            if widget.label in values:
                widget.set_value(_as_input(kind, values[widget.label]))
        next(widget for widget in self._page.button if widget.label == button).click()
        self._page.run()
        return self._state()

    def _state(self) -> dict[str, Any]:
        return {
            "inputs": [[kind, widget.label] for kind, widget in self._inputs()],
            "buttons": [widget.label for widget in self._page.button],
            "errors": [element.value for element in self._page.error],
            "successes": [element.value for element in self._page.success],
            "raised": [f"{element.message}" for element in self._page.exception],
            "shown": list(_texts_of(self._page.main)),
        }

    def _inputs(self) -> Iterator[tuple[str, Any]]:
        for kind in _INPUTS:
            for widget in getattr(self._page, kind, ()):
                yield kind, widget


def _texts_of(block: Any) -> Iterator[str]:
    """The texts of the elements in a block, without the inputs; those of a table cell by cell."""
    for element in block.children.values():
        if hasattr(element, "children"):
            yield str(getattr(element, "label", ""))
            yield from _texts_of(element)
        elif element.type not in _INPUTS:
            value = getattr(element, "value", "")
            cells = value.to_numpy().ravel() if hasattr(value, "to_numpy") else [value]
            yield from map(str, cells)


def _as_input(kind: str, value: Any) -> Any:
    """Convert a JSON value to the type of the widget."""
    if kind == "date_input":
        return dt.date.fromisoformat(value[:10])
    if kind == "datetime_input":
        return dt.datetime.fromisoformat(value)
    if kind == "time_input":
        return dt.datetime.fromisoformat(value).time()
    if kind in ("text_input", "text_area"):
        return str(value)
    return value
