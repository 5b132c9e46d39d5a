"""The service: its application, health and metrics."""

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from core.controllers.routes import router
from core.middleware.middleware import measure, render
from core.models.models import create_tables
from core.services.services import Conflict, Invalid, NotFound
from security.compliance import controls

_STATUS = {NotFound: 404, Invalid: 422, Conflict: 409}

create_tables()
controls.create_tables()
app = Flask(__name__)
app.register_blueprint(router)
measure(app)


def answer_error(error: Exception) -> tuple[Response, int]:
    """Answer an error of the services with its status."""
    return jsonify(detail=str(error)), _STATUS[type(error)]


for kind in _STATUS:
    app.register_error_handler(kind, answer_error)


@app.errorhandler(HTTPException)
def answer_refusal(error: HTTPException) -> tuple[Response, int]:
    """Answer a refusal as JSON."""
    return jsonify(detail=error.description), error.code or 500


@app.get("/health")
def health() -> Response:
    """Say that the service answers."""
    return jsonify(status="ok")


@app.get("/metrics")
def metrics() -> Response:
    """The metrics for Prometheus."""
    return Response(render(), mimetype="text/plain")
