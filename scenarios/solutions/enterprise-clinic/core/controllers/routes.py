"""The routes of the API."""

from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request

from core.models.models import ENTITIES, PERSON
from core.services import services
from security.auth.authentication import current_user, issue_token
from security.auth.authorization import allowed
from security.compliance import controls

router = Blueprint("api", __name__)
Answer = Response | tuple[Any, int]


@router.before_request
def require_user() -> None:
    """Refuse a request without a user, or with one who may not send it."""
    if not request.path.startswith("/api/v1"):
        return
    g.user = current_user(request.headers.get("Authorization"))
    if g.user is None:
        abort(401)
    if not allowed(g.user, request.method, request.path):
        abort(403)


def body() -> Any:
    """The body of the request, None if it is not JSON."""
    return request.get_json(silent=True)


def record(action: str, entity: str, row_id: int) -> None:
    """Record what the user of the request did."""
    if action == "read" or entity == PERSON:
        controls.record_audit(g.user["username"], action, entity, row_id)


@router.post("/auth/token")
def token() -> Answer:
    """Exchange a name and a password for a token."""
    values = body()
    fields = values if isinstance(values, dict) else {}
    issued = issue_token(
        str(fields.get("username")), str(fields.get("password"))
    )
    if issued is None:
        return {"detail": "wrong name or password"}, 401
    return jsonify(access_token=issued)


@router.get("/api/v1/audit")
def read_audit() -> Answer:
    """Who read or changed what."""
    return jsonify(controls.read_audit())


def add_entity(entity: str) -> None:
    """Add the five routes of an entity."""

    def list_rows() -> Answer:
        return jsonify(services.list_rows(entity))

    def create_row() -> Answer:
        row = services.create_row(entity, body())
        record("create", entity, row["id"])
        return row, 201

    def get_row(row_id: int) -> Answer:
        row = services.get_row(entity, row_id)
        record("read", entity, row_id)
        return jsonify(row)

    def update_row(row_id: int) -> Answer:
        row = services.update_row(entity, row_id, body())
        record("update", entity, row_id)
        return jsonify(row)

    def delete_row(row_id: int) -> Answer:
        services.delete_row(entity, row_id)
        record("delete", entity, row_id)
        return "", 204

    rows = f"/api/v1/{entity}"
    for path, method, function in (
        (rows, "GET", list_rows),
        (rows, "POST", create_row),
        (f"{rows}/<int:row_id>", "GET", get_row),
        (f"{rows}/<int:row_id>", "PUT", update_row),
        (f"{rows}/<int:row_id>", "DELETE", delete_row),
    ):
        name = f"{entity}_{function.__name__}"
        router.add_url_rule(path, name, function, methods=[method])


for table in ENTITIES:
    add_entity(table)
