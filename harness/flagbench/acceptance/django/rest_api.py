"""Requests to the API of a project, by accounts with different permissions, and expectations."""

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

# No check creates as many rows.
MISSING_ID = 987654
# `editor` has all four permissions for each model, `guest` none, and the others have one;
# `nobody` stands for requests without an account.
EDITOR, VIEWER, GUEST, NOBODY = "editor", "viewer", "guest", "nobody"
ADDER, CHANGER, DELETER = "adder", "changer", "deleter"
_RIGHTS = {
    EDITOR: ("add", "change", "delete", "view"), VIEWER: ("view",), GUEST: (),
    ADDER: ("add",), CHANGER: ("change",), DELETER: ("delete",),
}  # fmt: skip
# Those that never log in; one of them is refused nothing that its permission is for.
_SINGLE = (ADDER, CHANGER, DELETER)
_SENT_CHARACTERS = 300


class Api:
    """Client of the API. Raises `Refuted` for an answer that is not as expected.

    Every request has the token of its account. Only with `logs_in` does the project look up the
    token and the permissions, which takes as long as the rest of a request.
    """

    def __init__(self, project: Project, erd: Erd) -> None:
        self.project = project
        self._tokens: dict[str, str | None] = {NOBODY: None}
        self._erd = erd

    def enter(self) -> None:
        """Create the accounts and get their tokens."""
        names = [entity.name.lower() for entity in self._erd.entities]
        accounts = {
            who: [f"{right}_{name}" for right in rights for name in names]
            for who, rights in _RIGHTS.items()
        }
        self.project.serve(accounts)
        address = "/api/auth/token/"
        for who in (EDITOR, VIEWER, GUEST):
            answer = self.ask("POST", address, {"username": who, "password": who}, who=NOBODY)
            token = answer.body.get("token") if isinstance(answer.body, dict) else None
            if answer.status != 200 or not isinstance(token, str):
                what = f"POST {address} answers {_describe(answer)}"
                expected = 'expected: 200 and {"token": ...}'
                raise refutation("auth", AUTH, f"{what}; {expected}", answer)
            self._tokens[who] = token
        wrong = {"username": EDITOR, "password": "wrong"}
        self.expect("auth", AUTH, "POST", address, 400, wrong, who=NOBODY)

    def ask(
        self, method: str, path: str, body: Any = None, *, who: str = EDITOR, logs_in: bool = False
    ) -> HttpAnswer:
        """Send one request."""
        known = None if logs_in or who == NOBODY else who
        return self.project.request(method, path, body, self._tokens.get(who), known)

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
        """Send a request; the body of an answer with one of the statuses.

        `file` is at fault for any other status, unless an exception names another one.
        """
        answer = self.ask(method, path, body, who=who, logs_in=logs_in)
        statuses = [status] if isinstance(status, int) else status
        if answer.status in statuses:
            return answer.body
        is_kept_out = answer.status == 403
        by = f" {_WHO[who]}" if who in _WHO and (is_kept_out or who not in _SINGLE) else ""
        request = f"{method} {path}{by}{because}"
        if is_kept_out and who in _SINGLE:
            check, file = "auth", AUTH
        expected = " or ".join(map(str, statuses))
        what = f"{request} answers {_describe(answer)}; expected: {expected}"
        raise refutation(check, file, what + _sent(body), answer)

    def expect_row(
        self, check: str, file: str, method: str, path: str, status: int, body: Any = None, *,
        of: Entity, holds: Mapping[str, Any], who: str = EDITOR, because: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """Send a request; the row in its answer, which has an id and holds these values."""
        row = self.expect(check, file, method, path, status, body, who=who, because=because)
        request = f"{method} {path}{because}"
        if not isinstance(row, dict) or type(row.get("id")) is not int:
            what = f"{request} answers {str(row)[:200]!r}; expected: an object with an id"
            raise refutation(check, file, what)
        known = {"id", *(field.name for field in of.fields)}
        known |= {relation.name for relation in of.relations}
        if row.keys() - known:
            what = f"{request} answers {', '.join(sorted(row.keys() - known))}"
            raise refutation(check, SERIALIZERS, f"{what}; expected: only id and what the ERD has")
        for name in differences(of, row, holds):
            shown = repr(row[name])[:200] if name in row else "not in the answer"
            what = f"{request}: {of.name}.{name} is {shown}; expected: {holds[name]!r}"
            raise refutation(check, SERIALIZERS if name not in row else file, what + _sent(body))
        return row


_WHO = {
    NOBODY: "without an account",
    GUEST: "by an account without permissions",
    **{
        who: f"by an account with permission to {rights[0]} only"
        for who, rights in _RIGHTS.items()
        if len(rights) == 1
    },
}


def differences(entity: Entity, row: Mapping[str, Any], holds: Mapping[str, Any]) -> list[str]:
    """Names whose values in a row differ from those that it should hold."""
    fields = {field.name: field for field in entity.fields}
    many = {relation.name for relation in entity.manys}
    names = []
    for name, value in holds.items():
        actual = row.get(name)
        if name not in row:
            is_same = False
        elif name in many:
            is_same = isinstance(actual, list) and sorted(map(str, actual)) == sorted(
                map(str, value)
            )
        elif name in fields:
            is_same = samples.same(fields[name], actual, value)
        else:
            is_same = actual == value and type(actual) is type(value)
        names += [] if is_same else [name]
    return names


def refutation(check: str, file: str, message: str, answer: HttpAnswer | None = None) -> Refuted:
    """Build a finding in `file`, or in the file that an exception of the API names."""
    raised = re.search(r"\((api/\w+\.py) line \d+\)$", answer.raised) if answer else None
    path = raised[1] if raised and raised[1] in FILES else file
    return Refuted(check, f"{path}: {message}", path)


def _describe(answer: HttpAnswer) -> str:
    if answer.raised:
        return f"{answer.status} ({answer.raised})"
    return (
        f"{answer.status} ({str(answer.body)[:200]})"
        if answer.status >= 400
        else f"{answer.status}"
    )


def _sent(body: Any) -> str:
    return "" if body is None else f"; sent: {str(body)[:_SENT_CHARACTERS]}"
