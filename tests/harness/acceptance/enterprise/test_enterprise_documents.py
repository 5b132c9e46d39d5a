"""Documents that contradict their system are refuted; examples of requests and commands are not."""

from pathlib import Path

import pytest
from systems import edited, judged

from flagbench.acceptance.enterprise.case import ComponentCase

SCALED = "kubectl apply -f infrastructure/k8s/autoscaling.yaml\n"
VARIABLES = ("DATABASE_PATH", "SECRET_KEY", "PORT", "API_USERS")
BOLD = [text for name in VARIABLES for text in (f"`{name}`", f"**{name}**")]
RIGHT = {
    "a port of this host": edited(
        "deployment",
        SCALED,
        f"{SCALED}kubectl port-forward service/shop 8080:80\ncurl http://localhost:8080/health\n",
    ),
    "an example of a request": edited(
        "api", "## Errors", "```http\nGET /api/v1/customers/1 HTTP/1.1\n```\n\n## Errors"
    ),
    "the description of FastAPI": edited(
        "readme", "`GET /health` says", "`GET /openapi.json` describes it. `GET /health` says"
    ),
    "variables in bold": edited("deployment", *BOLD),
    "a link that is code": edited(
        "readme", "## Read on", "Write links as `[text](TARGET.md)`.\n\n## Read on"
    ),
    "a heading of another document": edited("readme", "(API.md)", "(API.md#errors)"),
}
WRONG = {
    "a heading that is not there": (edited("readme", "(API.md)", "(API.md#none)"), "API.md#none"),
    "a port of another program": (
        edited("readme", "listens on port 8000", "listens on port 3000 (not 8000)"), "port 3000"),
    "health on another port": (
        edited("readme", "`GET /health` says", "`http://localhost:3000/health` says"), ":3000"),
    "a port of every address": (
        edited("readme", "`GET /health` says", "`http://0.0.0.0:9000/` says"), "0.0.0.0:9000"),
    "a metric with another name": (
        edited("architecture", "A request passes", "`http_request_total` counts. A request passes"),
        "expected: http_requests_total"),
    "accounts in another variable": (
        edited("readme", "API_USERS=", "API_ACCOUNTS="), "but none API_USERS"),
}  # fmt: skip


@pytest.mark.parametrize("one", RIGHT.values(), ids=RIGHT)
def test_an_example_is_right(
    one: ComponentCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the service answers, and what a reader can do."""
    assert judged(one, tmp_path, monkeypatch) == ""


@pytest.mark.parametrize(("one", "words"), WRONG.values(), ids=WRONG)
def test_a_contradiction_is_told(
    one: ComponentCase, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the words of the document."""
    assert words in judged(one, tmp_path, monkeypatch)
