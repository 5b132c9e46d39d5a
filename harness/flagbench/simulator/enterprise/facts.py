"""Facts: the names and values that the files of a backend share, as a text says them."""

import re
from typing import Any

from flagbench.simulator.enterprise.brief import Brief

REPLICAS = {"startup": (1, 3), "enterprise": (3, 10), "hyperscale": (10, 100)}
"""Fewest and most instances of a scale, as the prompts order them."""
_SAMPLES: dict[str, tuple[Any, Any]] = {
    "text": ("first", "second"),
    "email": ("ada@example.org", "grace@example.org"),
    "integer": (3, 4),
    "number": (2.5, 9.75),
    "boolean": (True, False),
}
_STRICTEST = ("integer", "number", "text", "email", "boolean")
_FOLDERS = (
    ("core/config", "settings from the environment"),
    ("core/models", "entities and tables"),
    ("core/services", "validation and storage of rows"),
    ("core/controllers", "routes of the API"),
    ("core/middleware", "metrics of requests"),
    ("security/auth", "tokens and roles"),
    ("security/encryption", "encryption of fields"),
    ("monitoring", "traces, alerts and a dashboard"),
    ("infrastructure", "container, orchestration and workflow"),
    ("docs", "documents"),
    ("tests", "unit, integration and performance tests"),
)

Facts = dict[str, Any]


def facts_of(brief: Brief, context: str) -> Facts:
    """The facts of a brief; an audit log is seen in the context, too."""
    tables = {table: dict(columns) for table, _, columns in brief.tables}
    demanded = frozenset(name for name, _ in brief.controls)
    has_audit = not demanded.isdisjoint(("audit_reads", "audit_changes"))
    person = tables.get(brief.person, {}).items()
    shows_audit = re.search(r"controls\.create_?[Tt]ables", context) is not None
    facts: Facts = {
        "name": brief.name,
        "language": brief.language,
        "framework": brief.framework,
        "folder": brief.framework.lower(),
        "deployment": brief.deployment,
        "replicas": REPLICAS.get(brief.scale, REPLICAS["enterprise"]),
        "compliance": brief.compliance,
        "has_audit": has_audit or (not brief.compliance and shows_audit),
        "demanded": demanded,
        "stated": brief.controls,
        "privacy": not demanded.isdisjoint(("export", "erasure")),
        "four_eyes": "four_eyes" in demanded and "payments" in tables,
        "tables": tables,
        "singular": {table: name for table, name, _ in brief.tables}.get,
        "person": brief.person,
        "email": next((column for column, kind in person if kind == "email"), "email"),
        "sensitive": dict(brief.sensitive),
        "port": 8000,
        "prefix": "/api/v1",
        "v": {"database": "DATABASE_PATH", "secret": "SECRET_KEY", "port": "PORT",
              "users": "API_USERS"},
        "metric": {"requests": "http_requests_total", "duration": "http_request_duration_seconds"},
        "slips": set[str](),
    }  # fmt: skip
    restricted = {"/privacy": ("admin",)} if facts["privacy"] else {}
    facts["restricted"] = restricted | ({"/audit": ("admin", "auditor")} if has_audit else {})
    further = (("security/compliance", f"controls of {' and '.join(brief.compliance)}"),)
    facts["folders"] = [*_FOLDERS, *(further if brief.compliance else ())]
    return facts | _of_rows(facts)


def with_paths(facts: Facts) -> Facts:
    """The facts with what follows from them: the requests of the API, and the controls."""
    prefix, requests = facts["prefix"], [
        ("GET", "/health", "200"),
        ("GET", "/metrics", "200, text for Prometheus"),
        ("POST", "/auth/token", '200 with `{"access_token": "…"}`, 401'),
    ]  # fmt: skip
    for table in facts["tables"]:
        path, words = f"{prefix}/{table}", table.replace("_", " ")
        requests += [
            ("GET", path, f"200, all {words}"),
            ("POST", path, "201, the new row; 409, 422"),
            ("GET", f"{path}/{{id}}", "200; 404"),
            ("PUT", f"{path}/{{id}}", "200; 404, 409, 422"),
            ("DELETE", f"{path}/{{id}}", "204; 404"),
        ]
    path = f"{prefix}/privacy/{{email}}"
    if "export" in facts["demanded"]:
        requests.append(("GET", f"{path}/export", "200, all data of the person; 404"))
    if "erasure" in facts["demanded"]:
        requests.append(("DELETE", path, "204; 404"))
    if facts["has_audit"]:
        requests.append(("GET", f"{prefix}/audit", "200, the audit log"))
    if facts["four_eyes"]:
        path = f"{prefix}/payments/{{id}}/approve"
        requests.append(("POST", path, "200, the approved payment; 403, 404"))
    return facts | {"requests": requests, "controls": _controls(facts)}


def _of_rows(facts: Facts) -> Facts:
    """Values of rows for tests."""
    tables: dict[str, dict[str, str]] = facts["tables"]

    def values(table: str, number: int, known: dict[str, str] | None = None) -> dict[str, Any]:
        hidden = ("status",) if facts["four_eyes"] and table == "payments" else ()
        return {
            column: _SAMPLES[kind][number] if kind in _SAMPLES else (known or {}).get(kind, 987)
            for column, kind in tables[table].items()
            if column not in hidden
        }

    def parents(table: str) -> list[str]:
        needed: list[str] = []
        for kind in tables.get(table, {}).values():
            if kind in tables:
                needed += [name for name in (*parents(kind), kind) if name not in needed]
        return needed

    free = [table for table in tables if not parents(table)]
    # A row that is created twice must not have an address.
    plain = [table for table in free if table != facts["person"]] or free
    person = facts["person"]
    of_person = [table for table, columns in tables.items() if person in columns.values()]
    family = dict.fromkeys(name for table in of_person for name in (*parents(table), table))
    return {
        "samples": {table: values(table, 0) for table in tables},
        "changed": lambda table: values(table, 1),
        "orphan": lambda table: values(table, 0),
        "values_with_ids": lambda table: _with_ids(values(table, 0), tables[table], tables),
        "parents": parents,
        "plain": plain[0] if plain else "",
        "strict": lambda table: _strict(tables[table]),
        "referring": next((table for table in tables if parents(table)), ""),
        "referring_to_person": of_person,
        "family": list(family) or ([person] if person else []),
    }


def _strict(columns: dict[str, str]) -> str:
    kinds = [kind for kind in _STRICTEST if kind in columns.values()]
    return next((column for column, kind in columns.items() if kind == kinds[0]), "")


def _with_ids(values: dict[str, Any], columns: dict[str, str], tables: dict[str, Any]) -> str:
    """The values as an expression; an id is that of the row in the dictionary `ids`."""
    items = (
        f'"{column}": ids["{columns[column]}"]'
        if columns[column] in tables
        else f'"{column}": {_literal(value)}'
        for column, value in values.items()
    )
    return f"{{{', '.join(items)}}}"


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _controls(facts: Facts) -> list[tuple[str, str, str]]:
    """Title, place and working of each control."""
    prefix = facts["prefix"]
    privacy, audit = f"{prefix}/privacy/{{email}}", f"GET {prefix}/audit"
    suffix = ".js" if facts["language"] == "JavaScript" else ".py"
    places = {
        "export": (f"GET {privacy}/export", "all rows of the person"),
        "erasure": (f"DELETE {privacy}", "deletes the rows of the person"),
        "encryption": (f"security/encryption/encryption{suffix}",
                       "sensitive fields are encrypted at rest"),
        "audit_reads": (audit, "reads of rows are recorded"),
        "audit_changes": (audit, "every change is recorded"),
        "append_only": (f"security/compliance/controls{suffix}",
                        "triggers keep the audit log as it is"),
        "four_eyes": (f"POST {prefix}/payments/{{id}}/approve", "not by the creator"),
    }  # fmt: skip
    return [
        (title, *places[name])
        for name, title in facts["stated"]
        if name != "four_eyes" or facts["four_eyes"]
    ]
