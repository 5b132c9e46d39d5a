"""The written Streamlit pages, run by Streamlit's own AppTest against a stand-in for the API."""

from pathlib import Path
from typing import Any

import pytest
import requests
from patience import PATIENCE_SECONDS
from streamlit.testing.v1 import AppTest
from written_app import EVERYTHING, STUDENT

from flagbench.simulator.crud.specification import shape_of
from flagbench.simulator.crud.writer import STYLES

PAGES = STYLES["frontend"]


class _Response:
    def __init__(self, status_code: int, body: Any) -> None:
        self.status_code, self.body, self.text = status_code, body, str(body)

    def json(self) -> Any:
        return self.body

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise requests.HTTPError(self.text)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was posted, and what the API answers next."""
    calls: dict[str, Any] = {"posted": [], "rows": [{"id": 1, "name": "Ada"}], "status": 201}

    def post(url: str, json: Any = None, **_: Any) -> _Response:
        calls["posted"].append((url, json))
        return _Response(calls["status"], {"detail": "no"} if calls["status"] >= 400 else json)

    def get(url: str, **_: Any) -> _Response:
        if calls["rows"] is None:
            raise requests.ConnectionError("refused")
        return _Response(200, calls["rows"])

    monkeypatch.setattr(requests, "post", post)
    monkeypatch.setattr(requests, "get", get)
    monkeypatch.setenv("API_URL", "http://api.test")
    return calls


def _run(tmp_path: Path, style: Any, specification: dict[str, Any]) -> AppTest:
    path = tmp_path / "page.py"
    path.write_text(style(shape_of(specification)))
    return AppTest.from_file(str(path), default_timeout=PATIENCE_SECONDS).run()


@pytest.mark.parametrize("style", PAGES, ids=lambda style: style.__name__)
def test_page_creates_a_row(tmp_path: Path, api: dict[str, Any], style: Any) -> None:
    """Title, labelled input, button and table are there; submitting posts the JSON body."""
    page = _run(tmp_path, style, STUDENT)
    assert not page.exception
    assert page.title[0].value == "Students"
    assert len(page.dataframe) + len(page.table) == 1
    page.text_input[0].input("Grace")
    assert page.text_input[0].label == "Name"
    assert page.button[0].label == "Create Student"
    page.button[0].click().run()
    assert not page.exception
    assert api["posted"] == [("http://api.test/students", {"name": "Grace"})]
    assert page.success


@pytest.mark.parametrize("style", PAGES, ids=lambda style: style.__name__)
def test_page_has_an_input_for_everything(tmp_path: Path, api: dict[str, Any], style: Any) -> None:
    """Every type and relation has an input labelled in words, and its value is JSON."""
    page = _run(tmp_path, style, EVERYTHING)
    assert not page.exception
    kinds = (page.text_input, page.text_area, page.number_input, page.checkbox, page.date_input)
    labels = {widget.label for kind in kinds for widget in kind}
    assert {"Name", "Note", "Due date", "Starts at", "Active", "Owner id", "Course ids",
            "Lines"} <= labels  # fmt: skip
    assert len(labels) == 19
    texts = {widget.label: widget for widget in (*page.text_input, *page.text_area)}
    texts["Course ids"].input("1, 2")
    texts["Lines"].input('[{"product": "pen", "quantity": 1, "gift": false}]')
    page.button[0].click().run()
    assert not page.exception
    ((_, body),) = api["posted"]
    assert body["course_ids"] == [1, 2]
    assert body["lines"][0]["product"] == "pen"
    assert body["teacher_id"] is None
    assert body["paid_on"] is None
    assert len(body["due_date"]) == 10


@pytest.mark.parametrize("style", PAGES, ids=lambda style: style.__name__)
@pytest.mark.parametrize("trouble", ["refused by the API", "API not there", "bad input"])
def test_page_shows_errors(tmp_path: Path, api: dict[str, Any], style: Any, trouble: str) -> None:
    """An error answer, no answer and a bad input end in st.error, never in a traceback."""
    if trouble == "API not there":
        api["rows"] = None
        page = _run(tmp_path, style, STUDENT)
    else:
        api["status"] = 422 if trouble == "refused by the API" else 201
        page = _run(tmp_path, style, EVERYTHING)
        if trouble == "bad input":
            next(w for w in page.text_input if w.label == "Course ids").input("one")
        page.button[0].click().run()
    assert not page.exception
    assert page.error
