"""Controls of SOX: a log of changes, and approval by a second person."""

from contextlib import closing
from datetime import datetime, timezone
from typing import Any

from core.models.models import connect
from core.services.services import get_row


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


def approve_payment(payment_id: int, username: str) -> dict[str, Any]:
    """Approve a payment of another user.

    Raises `NotFound`, and `PermissionError` for its creator.
    """
    get_row("payments", payment_id)
    with closing(connect()) as connection, connection:
        creator = connection.execute(
            "SELECT user FROM audit_log WHERE entity = 'payments'"
            " AND action = 'create' AND row_id = ? ORDER BY id DESC",
            (payment_id,),
        ).fetchone()
        if creator is None or creator["user"] == username:
            raise PermissionError("another user must approve it")
        connection.execute(
            "UPDATE payments SET status = 'approved' WHERE id = ?",
            (payment_id,),
        )
    record_audit(username, "approve", "payments", payment_id)
    return get_row("payments", payment_id)
