"""Files of other styles that agree with their system are right; those that do not are wrong."""

from pathlib import Path

import pytest
from systems import case, edited, judged, probe_of

from flagbench.acceptance.enterprise import judge as judges
from flagbench.acceptance.enterprise import tools
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.probe_client import Ended, MissingTool
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection

COMPOSE_LIST = (
    "      DATABASE_PATH: /data/shop.sqlite3\n      SECRET_KEY: ${SECRET_KEY:?}\n"
    '      API_USERS: ${API_USERS:?}\n      PORT: "8000"\n',
    "      - DATABASE_PATH=/data/shop.sqlite3\n      - SECRET_KEY\n"
    "      - API_USERS=${API_USERS:?}\n",
)
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector:
    app: shop
  ports:
    - port: 80
      targetPort: 8000
"""
RIGHT = {
    "variables as a list": edited("compose", *COMPOSE_LIST),
    "a mount in its long form": edited(
        "compose",
        "      - data:/data\n",
        "      - {type: volume, source: data, target: /data}\n",
    ),
    "ports in their long form": edited(
        "compose", '    expose:\n      - "8000"', "    ports:\n      - {target: 8000}"
    ),
    "the whole folder is copied": edited("dockerfile", "COPY core core", "COPY . ."),
    "a port in a variable of the script": edited(
        "scripts",
        'exec uvicorn core.main:app --host 0.0.0.0 --port "${PORT:-8000}"',
        'port=${PORT:-8000}\nexec uvicorn core.main:app --host 0.0.0.0 --port "$port"',
    ),
    "a command without a script": edited(
        "dockerfile",
        'CMD ["sh", "infrastructure/scripts/start.sh"]',
        'CMD ["uvicorn", "core.main:app", "--host", "0.0.0.0", "--port", "8000"]',
    ),
    "a port by name": edited(
        "kubernetes", "- containerPort: 8000", "- {name: http, containerPort: 8000}"
    ),
    "a Service without targetPort": edited(
        "kubernetes", "    - port: 80\n      targetPort: 8000", "    - port: 8000"
    ),
    "no upstream": edited("load_balancing", "http://shop", "http://app:8000"),
    "rules by a pattern": edited("prometheus", "/etc/prometheus/alerts.yml", "alert*.yml"),
    "a recorded metric": edited(
        "alerts",
        "    rules:\n",
        "    rules:\n      - record: job:requests:rate5m\n"
        "        expr: sum(rate(http_requests_total[5m]))\n"
        "      - alert: Idle\n        expr: job:requests:rate5m == 0\n",
    ),
    "an interval of Grafana": edited(
        "dashboards",
        "sum by (status) (rate(http_requests_total[5m]))",
        'sum by (status) (rate(http_requests_total{job=~\\"$job\\"}[$__rate_interval]))',
    ),
    "parameters in another form": edited(
        "api", "`GET /api/v1/orders/{id}`", "`GET /api/v1/orders/:id`"
    ),
    "a link to another host": edited("readme", "(API.md)", "(https://example.org/x)"),
    "a script without a default": edited("scripts", '"${PORT:-8000}"', '"$PORT"'),
}
WRONG = {
    "variables that no code reads": (
        edited("compose", "      PORT:", "      LOG_LEVEL: info\n      PORT:"),
        "LOG_LEVEL, which no code reads",
    ),
    "an undeclared volume": (edited("compose", "- data:/data", "- rows:/data"), "rows"),
    "an image of a folder elsewhere": (
        edited("compose", "context: ../..", "context: ../../.."), "is built in"),
    "no Service": (
        edited("kubernetes", SERVICE, ""), "a Service is missing"),
    "a ConfigMap of another name": (
        edited("kubernetes", "- configMapRef:\n                name: shop",
               "- configMapRef:\n                name: config"), "not here"),
    "as many as at least": (edited("scaling", "maxReplicas: 10", "maxReplicas: 3"), "3 to 3"),
    "no tests in the workflow": (
        edited("ci", "pytest tests", "python --version"), "no step runs the tests"),
    "rules that are not mounted": (
        edited("prometheus", "/etc/prometheus/alerts.yml", "/rules/a.yml"), "does not mount"),
    "panels with one id": (edited("dashboards", '"id": 2', '"id": 1'), "same id"),
    "aliases without end": (
        edited("policies", "roles:\n", "a: &a {b: 1}\nb: &b [" + "*a, " * 99 + "*a]\nc: &c ["
               + "*b, " * 99 + "*b]\nd: [" + "*c, " * 99 + "*c]\nroles:\n"), "more than"),
    "no YAML": (edited("alerts", "groups:", "groups: ["), "expected"),
}  # fmt: skip


@pytest.mark.parametrize("one", RIGHT.values(), ids=RIGHT)
def test_another_style_is_right(
    one: ComponentCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the contract leaves open is not refused."""
    assert judged(one, tmp_path, monkeypatch) == ""


@pytest.mark.parametrize(("one", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_agree_is_told(
    one: ComponentCase, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is at odds."""
    assert words in judged(one, tmp_path, monkeypatch)


def test_a_check_without_its_tool_could_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is not accepted; the message says how to get the tool."""
    monkeypatch.setattr(tools.shutil, "which", lambda name, path: None)
    one = case("load_balancing")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingTool, match="nginx is not installed here"):
        judges.judge(one, probe_of(one), {}, Selection())


def test_a_tool_that_cannot_be_loaded_could_not_run() -> None:
    """A library that is missing is not the fault of the file."""
    with pytest.raises(MissingTool, match="libpcre2"):
        tools.expect_success("nginx", Ended(exit_code=127, output="libpcre2-8.so.0: not found"))
    with pytest.raises(Refuted, match="emerg"):
        tools.expect_success("nginx", Ended(exit_code=1, output="[emerg] x"))
