"""Controls of HIPAA: a log of reads and changes."""

from contextlib import closing
from datetime import datetime, timezone
from typing import Any

from core.models.models import connect


def create_tables() -> None:
    """Create the audit log, which triggers protect against changes."""
    with closing(connect()) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS audit_log ("
            "id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL,"
            " action TEXT NOT NULL, entity TEXT NOT NULL,"
            " row_id INTEGER NOT NULL, at TEXT NOT NULL)"
        )
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS audit_log_{verb.lower()}"
                f" BEFORE {verb} ON audit_log BEGIN"
                " SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )


def record_audit(user: str, action: str, entity: str, row_id: int) -> None:
    """Add an entry: who did what to which row, now."""
    now = datetime.now(timezone.utc).isoformat()
    with closing(connect()) as connection, connection:
        connection.execute(
            "INSERT INTO audit_log (user, action, entity, row_id, at)"
            " VALUES (?, ?, ?, ?, ?)",
            (user, action, entity, row_id, now),
        )


def read_audit() -> list[dict[str, Any]]:
    """All entries, the oldest first."""
    with closing(connect()) as connection:
        rows = connection.execute("SELECT * FROM audit_log ORDER BY id")
        return [dict(row) for row in rows]
