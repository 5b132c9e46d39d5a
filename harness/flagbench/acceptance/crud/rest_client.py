"""The routes of one entity, asked with expectations."""

from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.crud import samples
from flagbench.acceptance.probe_client import HttpAnswer, ProbeClient
from flagbench.acceptance.proof import Refuted
from flagbench.scenario.specification import Entity

# No table of a check is that long.
MISSING_ID = 987654


class Routes:
    """The routes of one entity, asked with expectations."""

    def __init__(self, entity: Entity, asker: ProbeClient, links: Mapping[str, Any]) -> None:
        self.entity = entity
        self.required_links = links
        self._asker = asker

    def body(self, row: int, *, optional: bool = True, **changed: Any) -> dict[str, Any]:
        """A valid body, with some values changed."""
        return {
            **samples.body(self.entity, row, optional=optional),
            **self.required_links,
            **changed,
        }

    def ask(self, method: str, suffix: str, body: Any = None) -> HttpAnswer:
        """One request to the collection or, with a suffix, to a row."""
        return self._asker.request(method, self.entity.address + suffix, body)

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
        """The body of an answer that has the status and holds the values.

        Raises `Refuted` for any other.
        """
        told = self.ask(method, suffix, body)
        asked = f"{method} {self.entity.address}{suffix}{because}"
        if told.status != status:
            raised = f" ({told.raised})" if told.raised else ""
            sent = "" if body is None else f"; sent was {body}"
            answer = f"{told.status}{raised}"
            raise Refuted(check, f"{asked} answers {answer}; right would be {status}{sent}")
        if holds is not None and not isinstance(told.body, dict):
            raise Refuted(check, f"{asked} answers {told.body!r}; right would be an object")
        for name, value in (holds or {}).items():
            got = told.body.get(name, "nothing")
            if not same(got, value):
                raise Refuted(check, f"{asked}: {name} is {got!r}; right would be {value!r}")
        return told.body


def holds(found: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether it is an object with these values."""
    return isinstance(found, dict) and all(
        name in found and same(found[name], value) for name, value in wanted.items()
    )


def same(found: Any, wanted: Any) -> bool:
    """Equal, and not as Python has it where True is 1."""
    return found == wanted and isinstance(found, bool) is isinstance(wanted, bool)
