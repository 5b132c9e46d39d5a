"""The judge of pages, before a page that is told in words."""

import html
import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest
from scripted_child import Api, probe_client

from flagbench.acceptance.crud import streamlit_page
from flagbench.acceptance.proof import Case, Refuted
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised
from flagbench.acceptance.selection import ALL
from flagbench.scenario.specification import Entity

LOAN = Entity.model_validate(
    {"entity": "BookLoan",
     "attributes": {"title": "string", "due_date": "date", "days": "optional integer"}}
)  # fmt: skip
CASE = Case("streamlit-page", "app/pages/book_loan.py", LOAN, (), None, {})
NAMES = ("title", "due_date", "days")
LABELS = ("Title", "Due date", "Days")


class Page(Api):
    """A page of loans whose form posts what was entered; `seen` changes what it shows.

    `failed` is what it shows where the API fails its POST or GET.
    """

    def __init__(
        self, *, is_right: bool = True, failed: dict[str, dict[str, Any]] | None = None, **seen: Any
    ) -> None:
        super().__init__(LOAN, open=self.open, rerun=self.rerun, submit=self.submit, fail=self.fail)
        self._is_right = is_right
        self._failing = ""
        told = {"errors": ["The API said no"]}
        self._failed = {"POST": told, "GET": told, **(failed or {})}
        self._seen: dict[str, Any] = {
            "inputs": [["text_input", one] for one in LABELS],
            "buttons": ["Delete", "Create Book loan"],
            "errors": [],
            "successes": [],
            "raised": [],
            **seen,
        }
        self.sent: list[dict[str, Any]] = []

    def _state(self) -> dict[str, Any]:
        titles = [str(row["title"]) for row in self.rows.values()]
        return {"shown": ["Loans", *titles], **self._seen}

    def open(self, path: str) -> dict[str, Any]:
        """What a user sees first."""
        return self._state()

    def fail(self, method: str, path: str, status: int, body: str) -> None:
        """Requests of the page fail."""
        assert path == LOAN.collection_address
        self._failing = method

    def rerun(self) -> dict[str, Any]:
        """The same again."""
        return self._state() | (self._failed["GET"] if self._failing == "GET" else {})

    def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
        """Post the values in the order of the attributes."""
        if self._failing == "POST":
            return self._state() | self._failed["POST"]
        self.sent.append({"values": values, "button": button})
        if self._is_right:
            self.request(
                "POST", LOAN.collection_address, dict(zip(NAMES, values.values(), strict=False))
            )
        return self._state()


def told(child: Any, entity: Entity = LOAN) -> str:
    """The check that fails, with its message; empty if none does."""
    try:
        case = replace(CASE, entity=entity)
        streamlit_page.judge(case, probe_client(child), {}, ALL)
    except Refuted as refuted:
        return f"{refuted.check}: {refuted.message}"
    return ""


def test_a_right_page_is_accepted() -> None:
    """Every value went into its own input, and the button of creation was pressed."""
    right = Page()
    assert told(right) == ""
    assert {sent["button"] for sent in right.sent} == {"Create Book loan"}
    assert [tuple(sent["values"]) for sent in right.sent] == [LABELS[:2], LABELS]


@pytest.mark.parametrize(
    "labels",
    [("Title *", "Due date (optional)", "days:"), ("TITLE", "Due Date", "Days (in all) *"),
     (" title ", "due date", "Days: *")],
)  # fmt: skip
def test_labels_may_be_written_in_other_ways(labels: tuple[str, ...]) -> None:
    """An asterisk, a colon, a word in brackets, capitals; the button in capitals too."""
    one = Page(inputs=[["text_input", label] for label in labels], buttons=["CREATE BOOK LOAN"])
    assert told(one) == ""
    assert list(one.sent[-1]["values"]) == list(labels)
    assert one.sent[0]["button"] == "CREATE BOOK LOAN"


def test_labels_and_the_button_are_as_specified() -> None:
    """The specified label alone is that of its input."""
    loan = LOAN.model_copy(
        update={"labels": {"title": "Name of the book"}, "create_button": "Add loan"}
    )
    labels = ("Title", "Name of the book", "Due date", "Days")
    inputs = [["text_input", label] for label in labels]
    page = Page(inputs=inputs, buttons=["Add loan"])
    assert told(page, loan) == ""
    assert list(page.sent[-1]["values"]) == list(labels[1:])
    assert page.sent[0]["button"] == "Add loan"
    assert told(Page(inputs=inputs[:1], buttons=["Add loan"]), loan).startswith(
        "form: input 'Name of the book' is missing"
    )


INPUTS = [["text_input", one] for one in LABELS]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"raised": ["NameError: name 'x' is not defined", "more"]},
         "runs: the page raised NameError: name 'x' is not defined"),
        ({"inputs": INPUTS[:2]}, "form: input 'Days' is missing; the page has Title, Due date"),
        ({"inputs": []}, "form: input 'Title' is missing; the page has none"),
        ({"inputs": [["text_input", "Title of it"], *INPUTS[1:]]}, "form: input 'Title' is miss"),
        ({"inputs": [["text_input", ""], ["text_input", "()"]]}, "form: input 'Title' is missing"),
        ({"buttons": []}, "form: button 'Create Book loan' is missing; the page has []"),
        ({"buttons": ["Create", "Create Loan"]},
         "form: button 'Create Book loan' is missing; the page has ['Create', 'Create Loan']"),
        ({"is_right": False},
         "creates: the API lists [] after the form is submitted; expected: {'title'"),
        ({"is_right": False, "errors": ["The API is away"]},
         "; the page shows ['The API is away']"),
    ],
)  # fmt: skip
def test_a_wrong_page_is_refuted(seen: dict[str, Any], words: str) -> None:
    """With what there is in place of what is missing."""
    assert words in told(Page(**seen))


@pytest.mark.parametrize(
    "notation", [lambda text: text, lambda text: f"**{text}**", repr, json.dumps, html.escape]
)
def test_a_page_shows_its_rows_in_any_notation(notation: Callable[[str], str]) -> None:
    """In a table, in words, as Python, JSON or HTML has it."""

    class Showing(Page):
        def _state(self) -> dict[str, Any]:
            return {**self._seen, "shown": [notation(row["title"]) for row in self.rows.values()]}

    assert told(Showing()) == ""


def test_a_page_that_does_not_show_what_it_created_is_refuted() -> None:
    """A count of the rows does not show them."""
    assert told(Page(shown=["Loans", "3"])).startswith("shows: the page does not show 'Title ")


FAILED = {"errors": ["The API said no"]}


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        ({"POST": {"shown": ["Title 6101 'é\"", "no: this is not allowed today"]}}, ""),
        ({"GET": {"shown": ["Internal Server Error"]}}, ""),
        ({"POST": {"successes": ["Saved"]}},
         "says 'Saved' although POST /book_loans answered 422; expected: no success"),
        ({"POST": {**FAILED, "successes": ["Saved"]}}, "the page says 'Saved' although POST"),
        ({"POST": {}}, "the page shows no error although POST /book_loans answered 422; it shows"),
        ({"POST": {"raised": ["HTTPError: 422"]}}, "the page raised HTTPError: 422"),
        ({"GET": {}}, "the page shows no error although GET /book_loans answered 500; it shows"),
        ({"GET": {"raised": ["HTTPError: 500"]}}, "the page raised HTTPError: 500"),
        ({"GET": {**FAILED, "inputs": []}},
         "the page has no input Title, Due date, Days although GET /book_loans answered 500"),
    ],
)  # fmt: skip
def test_a_page_tells_what_fails(failed: dict[str, dict[str, Any]], words: str) -> None:
    """A refused row, with no word of success, and a list that cannot be had; the form stays."""
    found = told(Page(failed=failed))
    assert words in found
    assert found.startswith("reports-errors: ") is bool(words)


def test_a_list_is_there_after_a_creation_failed_or_not() -> None:
    """Without another click."""
    assert told(Page(failed={"POST": {**FAILED, "shown": []}})).startswith("shows: the page does")

    class Late(Page):
        def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
            return {**super().submit(values, button), "shown": ["Loans"]}

    assert told(Late()).startswith("shows: the page does not show 'Title ")


def test_an_optional_input_that_nobody_touched_is_null() -> None:
    """A number input that begins with 0 cannot be left out; an empty text may be stored."""

    class Zero(Page):
        def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
            return super().submit({"Title": 0, "Due date": 0, "Days": 0} | values, button)

    assert told(Zero()).startswith("creates: ")


MEMBER = Entity.model_validate({"entity": "Member", "attributes": {"name": "string"}})
TAG = Entity.model_validate({"entity": "Tag", "attributes": {"label": "string"}})
BORROWED = Entity.model_validate(
    {"entity": "BookLoan", "attributes": {"title": "string"},
     "relations": {"member": {"kind": "many_to_one", "target": "Member", "required": True},
                   "tags": {"kind": "many_to_many", "target": "Tag"}}}
)  # fmt: skip


class Linking(Api):
    """A page with inputs of relations, some of which its form forgets."""

    def __init__(self, *inputs: tuple[str, str], sends: Collection[str] = ()) -> None:
        scripts = {"open": self.state, "rerun": self.state, "submit": self.submit}
        scripts["fail"] = self.fail
        self._errors: list[str] = []
        super().__init__(BORROWED, (MEMBER, TAG), **scripts)
        self._inputs, self._sends = (("text_input", "Title"), *inputs), sends

    def state(self, **_: Any) -> dict[str, Any]:
        """What a user sees."""
        titles = [row["title"] for row in self.rows.values()]
        return {"inputs": list(self._inputs), "buttons": ["Create Book loan"],
                "errors": self._errors, "successes": [], "raised": [], "shown": titles}  # fmt: skip

    def fail(self, **_: Any) -> None:
        """The API fails from now on, and the page says so."""
        self._errors = ["The API said no"]

    def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
        """Post what was entered."""
        if self._errors:
            return self.state()
        chosen = {"Member id": 1, "Member": 1, **values}
        body = {"title": values["Title"], "member_id": int(chosen["Member id"])}
        if "tags" in self._sends:
            body["tag_ids"] = [int(part) for part in values.get("Tag ids", "").split(",") if part]
        self.request("POST", BORROWED.collection_address, body)
        return self.state()


LINKED = replace(CASE, entity=BORROWED, related=(MEMBER, TAG))


@pytest.mark.parametrize(
    ("page", "words"),
    [(Linking(("number_input", "Member id"), ("text_input", "Tag ids"), sends=["tags"]), ""),
     (Linking(("selectbox", "Member"), ("multiselect", "Tags")), ""),
     (Linking(("text_input", "Tag ids"), sends=["tags"]), "form: input 'Member id' is missing"),
     (Linking(("number_input", "Member id")), "form: input 'Tag ids' is missing"),
     (Linking(("number_input", "Member id"), ("text_input", "Tag ids")), "creates: the API lists")],
    ids=["right", "chosen", "no member", "no tags", "tags are not sent"],
)  # fmt: skip
def test_relations_have_inputs(page: Linking, words: str) -> None:
    """Ids are entered; rows that are chosen in another way are left as they are."""
    try:
        streamlit_page.judge(LINKED, probe_client(page), {}, ALL)
    except Refuted as refuted:
        assert f"{refuted.check}: {refuted.message}".startswith(words or "nothing")
    else:
        assert words == ""


def test_values_in_the_wrong_columns_are_not_what_was_entered() -> None:
    """A row is listed, but another one."""
    inputs = [["text_input", one] for one in ("Days", "Due date", "Title")]

    class Mixed(Page):
        def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
            body = dict(zip(NAMES, values.values(), strict=False))
            self.request("POST", LOAN.collection_address, {**body, "title": f"{body['title']} "})
            return self._state()

    assert told(Mixed(inputs=inputs)).startswith("creates: ")


@pytest.mark.parametrize("rows", [None, {"items": []}, "<html>", [None, 1, "x"], []])
def test_a_list_that_is_none_holds_nothing(rows: Any) -> None:
    """The API was generated too."""

    class Odd(Page):
        def _answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
            return (200, rows) if method == "GET" else super()._answer(method, path, body)

    assert told(Odd()).startswith("creates: ")


@pytest.mark.parametrize(
    ("command", "check"), [("boot", "runs"), ("open", "runs"), ("submit", "creates")]
)
def test_what_raises_is_refuted(command: str, check: str) -> None:
    """The API at its start, the page when it opens, the page when it is used."""

    class Raising(Page):
        def ask(self, asked: Any) -> Any:
            if asked["do"] == command:
                raise Raised("ValueError", "no")
            return super().ask(asked)

    found = told(Raising())
    assert found.startswith(f"{check}: ")
    assert found.endswith("ValueError: no")


BODY = {"title": "x", "due_date": "2020-01-01", "days": None}


class Busy(Page):
    """Does more than it should when it is opened, run again, or submitted."""

    def __init__(self, when: str, more: str) -> None:
        super().__init__()
        self._when = when
        self._more = more
        self.request("POST", LOAN.collection_address, BODY)

    def _does(self, when: str) -> None:
        if when == self._when and self._more == "creates":
            self.request("POST", LOAN.collection_address, BODY)
        elif when == self._when:
            self.rows.pop(1, None)

    def open(self, path: str) -> dict[str, Any]:
        """Open, with its side effect."""
        self._does("open")
        return super().open(path)

    def rerun(self) -> dict[str, Any]:
        """Run again, with its side effect."""
        self._does("again" if self.sent else "rerun")
        return super().rerun()

    def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
        """Submit, with its side effect."""
        self._does("submit")
        return super().submit(values, button)


@pytest.mark.parametrize(
    ("when", "more", "words"),
    [("open", "creates", "after the page was opened; before"),
     ("open", "deletes", "after the page was opened; before"),
     ("rerun", "creates", "after the page was run again without its button; before"),
     ("again", "creates", "after the page was run again after its form was submitted; before"),
     ("submit", "creates", "creates: the form creates 2 rows"),
     ("submit", "deletes", "creates: the form changes or deletes other rows")],
)  # fmt: skip
def test_a_page_that_does_more_than_its_form_says_is_refuted(
    when: str, more: str, words: str
) -> None:
    """No row but the one of the form comes or goes."""
    assert words in told(Busy(when, more))


def test_a_page_that_keeps_only_the_latest_row_is_refuted() -> None:
    """Also where the table takes no row of the judge: the form is submitted a second time."""

    class Forgetful(Page):
        def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
            self.rows.clear()
            return super().submit(values, button)

    assert "creates: the form changes or deletes other rows" in told(Forgetful())


def test_a_page_that_raises_after_its_button_is_refuted() -> None:
    """Although the row was created."""

    class Late(Page):
        def submit(self, values: dict[str, Any], button: str) -> dict[str, Any]:
            super().submit(values, button)
            return {**self._state(), "raised": ["KeyError: 'name'"]}

    assert told(Late()) == "creates: the page raised KeyError: 'name'"


def test_a_page_that_ends_the_process_is_no_finding_of_this_judge() -> None:
    """The sandbox's own message says what happened."""

    class Gone(Page):
        def open(self, path: str) -> dict[str, Any]:
            raise Misbehaved("it ended itself")

    with pytest.raises(Misbehaved, match="it ended itself"):
        told(Gone())
