"""The API of a project, asked with expectations by accounts of different rights."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flagbench.acceptance.django import samples
from flagbench.acceptance.django.probe_client import Project
from flagbench.acceptance.probe_client import HttpAnswer
from flagbench.acceptance.proof import Refuted
from flagbench.scenario.erd import Entity, Erd

MODELS, SERIALIZERS, VIEWS = "api/models.py", "api/serializers.py", "api/views.py"
ROUTER, AUTH = "api/urls.py", "api/auth.py"
FILES = (MODELS, SERIALIZERS, VIEWS, ROUTER, AUTH)

# No table of a check is that long.
MISSING_ID = 987654
# `editor` has the four permissions of each model, `viewer` that to view, `guest` none, and `nobody`
# has no account.
EDITOR, VIEWER, GUEST, NOBODY = "editor", "viewer", "guest", "nobody"
_RIGHTS = {EDITOR: ("add", "change", "delete", "view"), VIEWER: ("view",), GUEST: ()}
_SENT_CHARACTERS = 300


class Api:
    """The API, as accounts use it. Raises `Refuted` where it does not answer as expected.

    Every request has its account's token. Unless it `logs_in` the project is spared looking up the
    token and the permissions, which takes as long as the rest.
    """

    def __init__(self, project: Project, erd: Erd) -> None:
        self.project = project
        self._tokens: dict[str, str | None] = {NOBODY: None}
        self._erd = erd

    def enter(self) -> None:
        """Make the accounts, and get them their tokens."""
        names = [one.name.lower() for one in self._erd.entities]
        accounts = {
            who: [f"{right}_{name}" for right in rights for name in names]
            for who, rights in _RIGHTS.items()
        }
        self.project.serve(accounts)
        address = "/api/auth/token/"
        for who in _RIGHTS:
            told = self.ask("POST", address, {"username": who, "password": who}, who=NOBODY)
            token = told.body.get("token") if isinstance(told.body, dict) else None
            if told.status != 200 or not isinstance(token, str):
                right = 'right would be 200 and {"token": ...}'
                raise refuted("auth", AUTH, f"POST {address} answers {_told(told)}; {right}", told)
            self._tokens[who] = token
        wrong = {"username": EDITOR, "password": "wrong"}
        self.expect("auth", AUTH, "POST", address, 400, wrong, who=NOBODY)

    def ask(
        self, method: str, path: str, body: Any = None, *, who: str = EDITOR, logs_in: bool = False
    ) -> HttpAnswer:
        """One request."""
        known = None if logs_in or who == NOBODY else who
        return self.project.request(method, path, body, self._tokens[who], known)

    def expect(
        self,
        check: str,
        file: str,
        method: str,
        path: str,
        status: int | Sequence[int],
        body: Any = None,
        *,
        who: str = EDITOR,
        logs_in: bool = False,
        because: str = "",
    ) -> Any:
        """The body of an answer that has one of the statuses.

        `file` is at fault for any other, unless an exception or the router tells of another one.
        """
        told = self.ask(method, path, body, who=who, logs_in=logs_in)
        right = [status] if isinstance(status, int) else status
        if told.status in right:
            return told.body
        asked = f"{method} {path}" + (f" by {_WHO[who]}" if who in _WHO else "") + because
        what = f"{asked} answers {_told(told)}; right would be {' or '.join(map(str, right))}"
        raise refuted(check, file, what + _sent(body), told)

    def expect_row(
        self, check: str, file: str, method: str, path: str, status: int, body: Any = None, *,
        of: Entity, holds: Mapping[str, Any], who: str = EDITOR, because: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """A row as the API answers it, which has an id and holds these values."""
        row = self.expect(check, file, method, path, status, body, who=who, because=because)
        asked = f"{method} {path}{because}"
        if not isinstance(row, dict) or type(row.get("id")) is not int:
            what = f"{asked} answers {str(row)[:200]!r}; right would be an object with an id"
            raise refuted(check, file, what)
        for name in differing(of, row, holds):
            found = repr(row[name])[:200] if name in row else "not in the answer"
            what = f"{asked}: {of.name}.{name} is {found}; right would be {holds[name]!r}"
            raise refuted(check, SERIALIZERS if name not in row else file, what + _sent(body))
        return row


_WHO = {
    NOBODY: "nobody",
    GUEST: "an account without permissions",
    VIEWER: "an account with permission to view only",
}


def differing(entity: Entity, row: Mapping[str, Any], holds: Mapping[str, Any]) -> list[str]:
    """The names whose values in a row are not those that it should hold."""
    fields = {one.name: one for one in entity.fields}
    many = {one.name for one in entity.manys}
    found = []
    for name, value in holds.items():
        told = row.get(name)
        if name not in row:
            is_same = False
        elif name in many:
            is_same = isinstance(told, list) and sorted(map(str, told)) == sorted(map(str, value))
        elif name in fields:
            is_same = samples.same(fields[name], told, value)
        else:
            is_same = told == value and type(told) is type(value)
        found += [] if is_same else [name]
    return found


def refuted(check: str, file: str, message: str, told: HttpAnswer | None = None) -> Refuted:
    """A finding in one file; an exception that the API let out tells better which one it is."""
    raised = re.search(r"\((api/\w+\.py) line \d+\)$", told.raised) if told else None
    path = raised[1] if raised and raised[1] in FILES else file
    return Refuted(check, f"{path}: {message}", path)


def _told(told: HttpAnswer) -> str:
    if told.raised:
        return f"{told.status} ({told.raised})"
    return f"{told.status} ({str(told.body)[:200]})" if told.status >= 400 else f"{told.status}"


def _sent(body: Any) -> str:
    return "" if body is None else f"; sent was {str(body)[:_SENT_CHARACTERS]}"
