"""The routes of the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Request

from core.models.models import ENTITIES
from core.services import services
from security.auth.authentication import current_user, issue_token
from security.auth.authorization import allowed
from security.compliance import controls

router = APIRouter()


def require_user(
    request: Request, authorization: Annotated[str, Header()] = ""
) -> dict[str, str]:
    """The user of a request. Raises 401 and 403."""
    user = current_user(authorization)
    if user is None:
        raise HTTPException(401, "a bearer token is needed")
    if not allowed(user, request.method, request.url.path):
        raise HTTPException(403, "not allowed for this role")
    return user


User = Annotated[dict[str, str], Depends(require_user)]
protected = APIRouter(prefix="/api/v1", dependencies=[Depends(require_user)])


@router.post("/auth/token")
def token(values: Annotated[Any, Body()]) -> dict[str, str]:
    """Exchange a name and a password for a token."""
    fields = values if isinstance(values, dict) else {}
    issued = issue_token(
        str(fields.get("username")), str(fields.get("password"))
    )
    if issued is None:
        raise HTTPException(401, "wrong name or password")
    return {"access_token": issued}


@protected.get("/audit")
def read_audit() -> list[dict[str, Any]]:
    """Who changed what."""
    return controls.read_audit()


@protected.post("/payments/{payment_id}/approve")
def approve_payment(payment_id: int, user: User) -> dict[str, Any]:
    """Approve a payment that another user created."""
    return controls.approve_payment(payment_id, user["username"])


def add_entity(entity: str) -> None:
    """Add the five routes of an entity."""

    def list_rows() -> list[dict[str, Any]]:
        return services.list_rows(entity)

    def create_row(
        values: Annotated[Any, Body()], user: User
    ) -> dict[str, Any]:
        row = services.create_row(entity, values)
        controls.record_audit(user["username"], "create", entity, row["id"])
        return row

    def get_row(row_id: int) -> dict[str, Any]:
        return services.get_row(entity, row_id)

    def update_row(
        row_id: int, values: Annotated[Any, Body()], user: User
    ) -> dict[str, Any]:
        row = services.update_row(entity, row_id, values)
        controls.record_audit(user["username"], "update", entity, row_id)
        return row

    def delete_row(row_id: int, user: User) -> None:
        services.delete_row(entity, row_id)
        controls.record_audit(user["username"], "delete", entity, row_id)

    one = f"/{entity}/{{row_id}}"
    protected.get(f"/{entity}")(list_rows)
    protected.post(f"/{entity}", status_code=201)(create_row)
    protected.get(one)(get_row)
    protected.put(one)(update_row)
    protected.delete(one, status_code=204)(delete_row)


for name in ENTITIES:
    add_entity(name)
router.include_router(protected)
