"""Numbers that a service cannot store, in bodies and paths: refused, never an error."""

from collections.abc import Iterator
from math import inf, nan
from typing import Any

from flagbench.acceptance.enterprise.api import ROOT, Api, Row, describe
from flagbench.scenario.tables import Column, Entity

# SQLite's integers end below; a float holds both.
_BEYOND, _FAR_BEYOND = 2**63, 2**64
# How far the digits of a float of this size may be from it.
_ROUNDED = 2**12
# No float; the last two are not JSON, but many readers of JSON take them.
_ENDLESS = (10**400, inf, nan)
_SENT_CHARACTERS = 300

Sent = tuple[str, str, Any]


def check_numbers(api: Api) -> None:
    """Check that a number that cannot be stored is refused with 4xx, and nothing changed.

    A large integer may be stored where a column is for numbers of any kind.
    """
    for entity in api.brief.entities:
        row = api.create("create", "controllers", entity)
        before = _rows(api, entity)
        for sent in _requests(api, entity, row):
            _expect(api, sent, None)
        if _rows(api, entity) != before:
            what = f"requests for {ROOT}/{entity.table} that are refused change its rows"
            raise api.refutation("numbers", "services", what)
        for column in entity.columns:
            if column.kind == "number":
                _expect(api, _creation(api, entity, row, column, _FAR_BEYOND), column)


def _rows(api: Api, entity: Entity) -> Any:
    return api.expect("numbers", "controllers", 200, "GET", f"{ROOT}/{entity.table}").body


def _expect(api: Api, sent: Sent, column: Column | None) -> None:
    """Send a request that is refused, or creates a row with the number in its column."""
    method, path, body = sent
    answer = api.ask(method, path, body)
    is_stored = column is not None and answer.status == 201 and _is_large(answer.body, column)
    if not is_stored and not 400 <= answer.status < 500:
        words = path if body is None else f"{path} of {body}"
        what = f"{method} {words[:_SENT_CHARACTERS]} answers {describe(answer)}"
        expected = "400 to 499" if column is None else "201 with the number, or 400 to 499"
        raise api.refutation("numbers", "services", f"{what}; expected: {expected}", answer.printed)


def _is_large(row: Any, column: Column) -> bool:
    """True if a row has the large integer, in whatever digits a float is written."""
    value = row.get(column.name) if isinstance(row, dict) else None
    return isinstance(value, int | float) and abs(value - _FAR_BEYOND) < _ROUNDED


def _requests(api: Api, entity: Entity, row: Row) -> Iterator[Sent]:
    """The requests that are refused, for an entity and one of its rows."""
    rows = f"{ROOT}/{entity.table}"
    yield "GET", f"{rows}/{_BEYOND}", None
    yield "GET", f"{rows}/{10**400}", None
    yield "PUT", f"{rows}/{_FAR_BEYOND}", _values(api, entity, row)
    yield "DELETE", f"{rows}/{_FAR_BEYOND}", None
    if "four_eyes" in api.brief.controls and entity.table == "payments":
        yield "POST", f"{rows}/{_FAR_BEYOND}/approve", None
    for column in entity.columns:
        numbers = _numbers(column)
        for value in numbers:
            yield _creation(api, entity, row, column, value)
        for value in numbers[:1]:
            body = {**_values(api, entity, row), column.name: value}
            yield "PUT", f"{rows}/{row['id']}", body


def _creation(api: Api, entity: Entity, row: Row, column: Column, value: float) -> Sent:
    """A request for a new row with a value, which refers to the rows of another one."""
    return "POST", f"{ROOT}/{entity.table}", {**_values(api, entity, row), column.name: value}


def _values(api: Api, entity: Entity, row: Row) -> Row:
    references = {column.kind: row[column.name] for column in entity.columns if column.is_reference}
    return api.sample(entity, references)


def _numbers(column: Column) -> tuple[float, ...]:
    """Numbers that a column cannot hold."""
    if column.kind == "integer" or column.is_reference:
        return (_FAR_BEYOND, _BEYOND, *_ENDLESS)
    return _ENDLESS if column.kind == "number" else ()
