"""Requests to the routes of one entity, with expectations of their answers."""

from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.crud import samples
from flagbench.acceptance.probe_client import HttpAnswer, ProbeClient
from flagbench.acceptance.proof import Refuted
from flagbench.scenario.specification import Entity

# No check inserts as many rows.
MISSING_ID = 987654


class Routes:
    """Client of the routes of one entity; `relations` are those that every body must have."""

    def __init__(self, entity: Entity, probe: ProbeClient, relations: Mapping[str, Any]) -> None:
        self.entity = entity
        self.required_relations = relations
        self._probe = probe

    def body(self, row: int, *, optional: bool = True, **changed: Any) -> dict[str, Any]:
        """Build a valid body, with some values changed."""
        return {
            **samples.body(self.entity, row, optional=optional),
            **self.required_relations,
            **changed,
        }

    def ask(self, method: str, suffix: str, body: Any = None) -> HttpAnswer:
        """Send one request to the collection or, with a suffix, to a row."""
        return self._probe.request(method, self.entity.address + suffix, body)

    def expect(
        self,
        check: str,
        method: str,
        suffix: str,
        status: int,
        holds: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        because: str = "",
    ) -> Any:
        """Send a request; the body of an answer with this status that holds these values.

        Raises `Refuted` for any other answer.
        """
        answer = self.ask(method, suffix, body)
        request = f"{method} {self.entity.address}{suffix}{because}"
        if answer.status != status:
            raised = f" ({answer.raised})" if answer.raised else ""
            sent = "" if body is None else f"; sent: {body}"
            what = f"{request} answers {answer.status}{raised}"
            raise Refuted(check, f"{what}; expected: {status}{sent}")
        if holds is not None and not isinstance(answer.body, dict):
            raise Refuted(check, f"{request} answers {answer.body!r}; expected: an object")
        for name, value in (holds or {}).items():
            got = answer.body.get(name, "nothing")
            if not same(got, value):
                raise Refuted(check, f"{request}: {name} is {got!r}; expected: {value!r}")
        return answer.body


def has_values(row: Any, wanted: Mapping[str, Any]) -> bool:
    """True for an object with these values."""
    return isinstance(row, dict) and all(
        name in row and same(row[name], value) for name, value in wanted.items()
    )


def same(value: Any, wanted: Any) -> bool:
    """Compare two JSON values; unlike in Python, true is not 1."""
    return value == wanted and isinstance(value, bool) is isinstance(wanted, bool)
