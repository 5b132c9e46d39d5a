"""Requests to a service by users of each role, and expectations."""

import hashlib
import json
import random
import re
from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.probe_client import Routes, Service, ServiceAnswer
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.brief import Brief
from flagbench.scenario.tables import Column, Entity

ADMIN, CLERK, AUDITOR, NOBODY = "admin", "clerk", "auditor", ""
PORT = "8000"
ROOT = "/api/v1"
# No check creates as many rows.
MISSING_ID = 987654
_SENT_CHARACTERS = 300
# Checks that one component alone answers for.
_OWN = (
    "signature", "expiry", "secret", "persistence", "append-only", "privacy-of-metrics", "numbers",
)  # fmt: skip
_TRACED = re.compile(r'File "[^"]*?/((?:core|security|monitoring)/[\w/]+\.py)", line (\d+)')
# Node.js begins with the innermost call.
_TRACED_BY_NODE = re.compile(r"/((?:core|security|monitoring)/[\w/]+\.js):(\d+)")
# A moment, as audit logs have it.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*(?:Z|[+-]\d\d:\d\d)?")

Row = dict[str, Any]


def refutation(check: str, kind: str, message: str, trace: str = "") -> Refuted:
    """Build the finding about a component, or about the last file of the system in a traceback."""
    lines = _TRACED.findall(trace) or _TRACED_BY_NODE.findall(trace)[::-1]
    if not lines:
        return Refuted(check, message, COMPONENTS[kind].path)
    path, line = lines[-1]
    return Refuted(check, f"{message} ({path} line {line})", path)


def same(left: Any, right: Any) -> bool:
    """True for equal JSON values: a boolean differs from a number."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


class Api:
    """Client of a service with drawn users. Raises `Refuted` for an unexpected answer."""

    def __init__(self, service: Service, brief: Brief, files: Mapping[str, str]) -> None:
        text = "\0".join(f"{name}\0{files[name]}" for name in sorted(files))
        seed = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        self.draw = random.Random(seed)  # noqa: S311  no secret: a proof can be repeated
        self.service = service
        self.brief = brief
        self.users = {role: self.new_user(role) for role in (ADMIN, CLERK, AUDITOR)}
        self.secret = self.word()
        self.tokens: dict[str, str] = {}
        self.files = files
        # Seconds that the clock of the service is ahead.
        self.ahead = 0
        # Whether a token was accepted within its hour.
        self.is_valid_within = True
        # Kinds whose functions do what they should when they are called.
        self.sound: set[str] = set()
        self.series: dict[str, set[str]] = {}
        self.routes: Routes = None

    def word(self) -> str:
        """A word that the service cannot know."""
        return f"w{self.draw.getrandbits(48):x}"

    def new_user(self, role: str) -> tuple[str, str]:
        """A name and a password of a user with a role."""
        return f"{role[0]}{self.word()}", self.word()

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the service."""
        users = [f"{name}:{password}:{role}" for role, (name, password) in self.users.items()]
        return {"DATABASE_PATH": "app.db", "SECRET_KEY": self.secret, "PORT": PORT,
                "API_USERS": ",".join(users)}  # fmt: skip

    def refutation(self, check: str, kind: str, message: str, trace: str = "") -> Refuted:
        """Build the finding about a component, or about the one that uses it if that is sound."""
        if kind in self.sound and check not in _OWN:
            kind = {"middleware": "main", "config": "auth"}.get(kind, "controllers")
        return refutation(check, kind, message, trace)

    def clock(self) -> float:
        """The seconds since 1970 by the clock of the sandbox."""
        sql = "SELECT (julianday('now') - 2440587.5) * 86400 AS seconds"
        return float(self.service.probe.query(sql)[0]["seconds"])

    def boot(self) -> None:
        """Start the service, or start it again. Raises `Refuted`."""
        try:
            self.routes = self.service.boot(self.environment, self.ahead)
        except Raised as raised:
            what = f"the service does not start: {raised}"
            raise refutation("boot", "main", what, raised.traceback_text) from raised

    def log_in(self, check: str = "token", kind: str = "auth") -> None:
        """Get the tokens of all users."""
        for role, (name, password) in self.users.items():
            sent = {"username": name, "password": password}
            answer = self.expect(check, kind, 200, "POST", "/auth/token", sent, who=NOBODY)
            token = answer.body.get("access_token") if isinstance(answer.body, dict) else None
            if not isinstance(token, str) or not token.isascii() or not token.isprintable():
                what = f"POST /auth/token answers {answer.body!r:.200}"
                raise self.refutation(check, kind, f'{what}; expected: {{"access_token": ...}}')
            self.tokens[role] = token

    def ask(self, method: str, path: str, body: Any = None, *, who: str = ADMIN) -> ServiceAnswer:
        """Send one request."""
        return self.service.request(method, path, body, self.tokens.get(who))

    def expect(
        self,
        check: str,
        kind: str,
        status: int,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = ADMIN,
    ) -> ServiceAnswer:
        """Send a request that must be answered with a status; the answer."""
        answer = self.ask(method, path, body, who=who)
        if answer.status != status:
            sent = "" if body is None else f" of {str(body)[:_SENT_CHARACTERS]}"
            what = f"{method} {path}{sent} by {who or 'nobody'} answers {describe(answer)}"
            message = f"{what}; expected: {status}"
            raise self.refutation(check, kind, message, answer.printed)
        return answer

    def expect_refusal(
        self,
        check: str,
        kind: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = NOBODY,
    ) -> None:
        """Send a request that must not be executed; `unauthenticated` is what checks the status."""
        answer = self.ask(method, path, body, who=who)
        if not 400 <= answer.status < 500:
            what = f"{method} {path} by {who or 'nobody'} answers {describe(answer)}"
            message = f"{what}; expected: a refusal"
            raise self.refutation(check, kind, message, answer.printed)

    def sample(self, entity: Entity, references: Mapping[str, int]) -> Row:
        """Drawn values of a row; `references` are ids of rows by table."""
        values: Row = {}
        for column in entity.columns:
            if column.is_reference:
                values[column.name] = references[column.kind]
            elif column.kind == "email":
                values[column.name] = f"{self.word()}@{self.word()}.org"
            elif column.kind == "integer":
                values[column.name] = self.draw.randrange(1, 10**6)
            elif column.kind == "number":
                values[column.name] = self.draw.randrange(1, 10**6) + 0.5
            elif column.kind == "boolean":
                values[column.name] = self.draw.random() < 0.5
            else:
                values[column.name] = f"{self.word()} é'\" {self.word()}"
        return values

    def create(self, check: str, kind: str, entity: Entity, *, who: str = ADMIN) -> Row:
        """Create a row and the rows that it refers to; its values as stored, with the id."""
        return self.create_with(check, kind, entity, {}, who=who)

    def create_with(
        self, check: str, kind: str, entity: Entity, references: Mapping[str, int], *,
        who: str = ADMIN, **values: Any,
    ) -> Row:  # fmt: skip
        """As `create`; `references` are ids of rows by table, `values` some of its values."""
        known = dict(references)
        for column in entity.columns:
            if column.is_reference and column.kind not in known:
                other = self.brief.entity_of(column.kind)
                known[column.kind] = self.create_with(check, kind, other, known)["id"]
        sent = {**self.sample(entity, known), **values}
        answer = self.expect(check, kind, 201, "POST", f"{ROOT}/{entity.table}", sent, who=who)
        stored = self.stored(entity, sent)
        row = answer.body
        is_row = isinstance(row, dict) and isinstance(row.get("id"), int)
        if not is_row or not same(row, {**stored, "id": row["id"]}):
            what = f"POST {ROOT}/{entity.table} answers {row!r:.300}"
            raise self.refutation(check, kind, f"{what}; expected: {stored} with its id")
        result: Row = row
        return result

    def stored(self, entity: Entity, sent: Row) -> Row:
        """The values that a row has once it is created."""
        if "four_eyes" in self.brief.controls and entity.table == "payments":
            return {**sent, "status": "pending"}
        return sent


def wrong_values(column: Column) -> tuple[Any, ...]:
    """Values of other types than that of a column; what a type may hold is left open."""
    if column.kind in ("text", "email"):
        return (7, True, ["a"], {"a": 1})
    if column.kind == "boolean":
        return ("seven", 1, "true", [True])
    return ("seven", True, "7", [7], *(() if column.kind == "number" else (1.5,)))


def unusual_values(column: Column) -> tuple[Any, ...]:
    """Values of the type of a column that not every storage holds, but SQLite does."""
    return {
        "text": ("é" * 10_000, "a\0b"), "integer": (2**40,), "number": (1e300,),
    }.get(column.kind, ())  # fmt: skip


def describe(answer: ServiceAnswer) -> str:
    """An answer in words."""
    if answer.raised:
        return f"{answer.status} ({answer.raised})"
    return f"{answer.status} {untimed(repr(answer.body)):.200}"


def untimed(text: str) -> str:
    """A text without its moments, so that a proof can be repeated."""
    return _TIME.sub("<time>", text)
