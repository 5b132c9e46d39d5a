"""Requests to the routes of one entity, with expectations of their answers."""

from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.crud import samples
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection
from flagbench.scenario.specification import Entity, Operation

# No check inserts as many rows.
MISSING_ID = 987654


class Routes:
    """Client of the routes of one entity; `relations` are those that every body must have."""

    def __init__(
        self,
        entity: Entity,
        probe: ProbeClient,
        relations: Mapping[str, Any],
        selection: Selection,
        seed: int = 0,
    ) -> None:
        self.entity = entity
        self.address = entity.collection_address
        self.required_relations = relations
        self._probe = probe
        self._selection = selection
        self._seed = seed

    def row(self, id: object) -> str:  # noqa: A002  as the column is called
        """The address of a row."""
        return self.entity.address_of(id)

    def body(self, row: int, *, optional: bool = True, **changed: Any) -> dict[str, Any]:
        """Build a valid body, with some values changed."""
        return {
            **samples.body(self.entity, row, self._seed, optional=optional),
            **self.required_relations,
            **changed,
        }

    def expect(
        self,
        check: str,
        method: str,
        address: str,
        operation: Operation | tuple[Operation, ...],
        holds: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        because: str = "",
    ) -> Any:
        """Send a request; the body of an answer that holds these values.

        Its status must be one of those specified for the operation, or for one of several. Raises
        `Refuted` for any other answer, unless the check is not selected.
        """
        answer = self._probe.request(method, address, body)
        if not self._selection.has(check):
            return answer.body
        request = f"{method} {address}{because}"
        operations = (operation,) if isinstance(operation, str) else operation
        statuses = [status for name in operations for status in self.entity.statuses.of(name)]
        if answer.status not in statuses:
            raised = f" ({answer.raised})" if answer.raised else ""
            sent = "" if body is None else f"; sent: {body}"
            what = f"{request} answers {answer.status}{raised}"
            expected = " or ".join(map(str, statuses))
            raise Refuted(check, f"{what}; expected: {expected}{sent}")
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
