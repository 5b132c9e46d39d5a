"""The service: its application, health and metrics."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from core.controllers.routes import router
from core.middleware.middleware import measure, render
from core.models.models import create_tables
from core.services.services import Conflict, Invalid, NotFound

_STATUS = {NotFound: 404, Invalid: 422, Conflict: 409}

create_tables()
app = FastAPI(title="shop", version="1.0.0")
app.middleware("http")(measure)
app.include_router(router)


async def answer_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an error of the services with its status."""
    return JSONResponse({"detail": str(error)}, _STATUS[type(error)])


for kind in _STATUS:
    app.add_exception_handler(kind, answer_error)


@app.get("/health")
def health() -> dict[str, str]:
    """Say that the service answers."""
    return {"status": "ok"}


@app.get("/metrics")
def metrics() -> PlainTextResponse:
    """The metrics for Prometheus."""
    return PlainTextResponse(render())
