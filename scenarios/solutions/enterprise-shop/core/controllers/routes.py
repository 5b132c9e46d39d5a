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


@protected.get("/privacy/{email}/export")
def export_person(email: str) -> dict[str, Any]:
    """Everything that is stored about a person."""
    return controls.export_person(email)


@protected.delete("/privacy/{email}", status_code=204)
def erase_person(email: str) -> None:
    """Erase a person and all rows that refer to the person."""
    controls.erase_person(email)


def add_entity(entity: str) -> None:
    """Add the five routes of an entity."""

    def list_rows() -> list[dict[str, Any]]:
        return services.list_rows(entity)

    def create_row(values: Annotated[Any, Body()]) -> dict[str, Any]:
        return services.create_row(entity, values)

    def get_row(row_id: int) -> dict[str, Any]:
        return services.get_row(entity, row_id)

    def update_row(
        row_id: int, values: Annotated[Any, Body()]
    ) -> dict[str, Any]:
        return services.update_row(entity, row_id, values)

    def delete_row(row_id: int) -> None:
        services.delete_row(entity, row_id)

    one = f"/{entity}/{{row_id}}"
    protected.get(f"/{entity}")(list_rows)
    protected.post(f"/{entity}", status_code=201)(create_row)
    protected.get(one)(get_row)
    protected.put(one)(update_row)
    protected.delete(one, status_code=204)(delete_row)


for name in ENTITIES:
    add_entity(name)
router.include_router(protected)
