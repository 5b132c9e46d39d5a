"""Containers, manifests and workflows that cannot work are refuted; other styles are accepted."""

from pathlib import Path

import pytest
from systems import case, edited, judged, probe_of

from flagbench.acceptance.enterprise import judge as judges
from flagbench.acceptance.enterprise import tools
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.secret_values import is_written
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection

START = 'exec uvicorn core.main:app --host 0.0.0.0 --port "${PORT:-8000}"'
COMMAND = 'CMD ["sh", "infrastructure/scripts/start.sh"]'
UPSTREAM = (
    "    upstream shop {\n        least_conn;\n        server app:8000;\n    }\n\n", "",
)  # fmt: skip
BY_VARIABLE = (
    "            proxy_pass http://shop;",
    "            set $backend app:8000;\n            proxy_pass http://$backend;",
)
BY_KEY = "              valueFrom:\n                secretKeyRef:\n                  name: shop\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n"
LIMITED = "            runAsNonRoot: true\n            allowPrivilegeEscalation: false\n"
ROOT_STAGE = """\
FROM python:3.11-slim AS build
RUN useradd --create-home shop
USER shop

FROM python:3.11-slim
"""
RIGHT = {
    "a port that is passed through": edited(
        "compose",
        "      DATABASE_PATH: /data/shop.sqlite3\n      SECRET_KEY: ${SECRET_KEY:?}\n"
        '      API_USERS: ${API_USERS:?}\n      PORT: "8000"\n',
        "      - DATABASE_PATH=/data/shop.sqlite3\n      - SECRET_KEY\n      - API_USERS\n"
        "      - PORT\n",
    ),
    "a port that is a variable": edited(
        "dockerfile", "EXPOSE 8000", "ENV PORT=8000\nEXPOSE ${PORT}"
    ),
    "a stage that goes on from another": edited(
        "dockerfile", "slim\n", "slim AS base\n", "USER shop", "USER shop\nFROM base"
    ),
    "arguments that are set before": edited(
        "scripts",
        START,
        'set -- --host 0.0.0.0 --port "${PORT:-8000}"\nexec uvicorn core.main:app "$@"',
    ),
    "an application in a variable": edited(
        "scripts",
        "exec uvicorn core.main:app",
        'APP=core.main:app\nSECRET_KEY="$(cat /run/key)"\nexec uvicorn "$APP"',
    ),
    "an end within a condition": edited(
        "scripts", "exec uvicorn", 'if [ -z "${PORT:-}" ]; then\n  exit 1\nfi\nexec uvicorn'
    ),
    "a host that nginx looks up": edited(
        "load_balancing", BY_VARIABLE[0], f"resolver 127.0.0.11;\n{BY_VARIABLE[1]}", *UPSTREAM
    ),
    "a container beside it, the first one": edited(
        "kubernetes",
        "      containers:\n",
        "      containers:\n        - name: logs\n          image: fluent/fluent-bit:3.1\n",
    ),
    "a report that a step writes": edited(
        "ci", "pytest tests", "pytest tests --cov-report=json:coverage.json"
    ),
}
WRONG = {
    "a key with its value in the Deployment": (
        edited("kubernetes", f"{BY_KEY}                  key: secret-key\n",
               "              value: hunter2\n"), "the value of SECRET_KEY"),
    "a Secret with its values": (
        edited("kubernetes", "apiVersion: apps/v1\n", "apiVersion: v1\nkind: Secret\nmetadata:\n"
               "  name: shop\nstringData:\n  secret-key: hunter2\n---\napiVersion: apps/v1\n"),
        "the Secret shop has the value of secret-key"),
    "users from a ConfigMap": (
        edited("kubernetes", '  PORT: "8000"\n', '  PORT: "8000"\n  users: a:b:admin\n',
               f"{BY_KEY}                  key: api-users",
               BY_KEY.replace("secretKey", "configMapKey") + "                  key: users"),
        "API_USERS is from a ConfigMap"),
    "users with their passwords in the compose file": (
        edited("compose", "${API_USERS:?}", "a:b:admin"), "the value of API_USERS"),
    "a key by default": (
        edited("compose", "${SECRET_KEY:?}", "${SECRET_KEY:-hunter2}"), "the value of SECRET_KEY"),
    "a key by default in the script": (
        edited("scripts", "exec uv", "export SECRET_KEY=${SECRET_KEY:-hunter2}\nexec uv"),
        "the value of SECRET_KEY"),
    "users in the image": (
        edited("dockerfile", "PYTHONUNBUFFERED=1", "PYTHONUNBUFFERED=1 API_USERS=a:b:admin"),
        "the value of API_USERS"),
    "a root user in the cluster": (
        edited("kubernetes", LIMITED, "            runAsUser: 0\n"), "runAsUser is 0"),
    "the rights of the node": (
        edited("kubernetes", LIMITED, "            privileged: true\n"), "privileged is true"),
    "a user of another stage": (
        edited("dockerfile", "FROM python:3.11-slim\n", ROOT_STAGE, "USER shop\nEXPOSE", "EXPOSE"),
        "runs as root"),
    "a folder that is not copied": (
        edited("dockerfile", "COPY monitoring monitoring\n", ""), "no COPY has monitoring/"),
    "a script that is not copied": (
        edited("dockerfile", "COPY infrastructure/scripts infrastructure/scripts\n", ""),
        "no COPY has infrastructure/scripts/start.sh"),
    "packages that are not installed": (
        edited("dockerfile", "RUN pip install --no-cache-dir -r requirements.txt\n", ""),
        "no RUN installs"),
    "health on another port": (
        edited("dockerfile", "localhost:8000", "localhost:9000"), "HEALTHCHECK asks port 9000"),
    "another port of the image": (
        edited("dockerfile", "PYTHONUNBUFFERED=1", "PORT=9000"), "PORT is 9000"),
    "another port of the command": (
        edited("dockerfile", COMMAND, 'CMD ["uvicorn", "core.main:app", "--host", "0.0.0.0", '
               '"--port", "9000"]'), "CMD starts the service on port 9000"),
    "a service for itself": (edited("scripts", "--host 0.0.0.0 ", ""), "for its own host only"),
    "another port without a colon": (
        edited("scripts", "${PORT:-8000}", "${PORT-9000}"), "PORT is 9000 by default"),
    "an end before the start": (edited("scripts", "exec uv", "exit 0\nexec uv"), "'exit 0'"),
    "another port by default": (
        edited("compose", 'PORT: "8000"', "PORT: ${PORT:-9000}"), "PORT is 9000"),
    "another command": (
        edited("compose", "    expose:\n", "    command: uvicorn core.main:app --port 9000\n"
               "    expose:\n"), "the command of app starts the service on port 9000"),
    "nginx without its file": (
        edited("compose", "    volumes:\n      - ./nginx.conf:/etc/nginx/nginx.conf:ro\n", ""),
        "nginx mounts nginx.conf at no place"),
    "nginx with its file elsewhere": (
        edited("compose", ":/etc/nginx/nginx.conf:ro", ":/etc/nginx.conf:ro"), "/etc/nginx.conf"),
    "a port of nginx that it has not": (edited("compose", '"80:80"', '"80:8080"'), "listens on 80"),
    "a service that is not there": (
        edited("compose", "    depends_on:\n      - app\n  prom",
               "    depends_on:\n      - db\n  prom"), "depends on db"),
    "separate networks": (
        edited("compose", "    expose:\n", "    networks: [back]\n    expose:\n",
               "volumes:\n  data: {}", "networks:\n  back: {}\n\nvolumes:\n  data: {}"),
        "app is in back"),
    "a network that is not declared": (
        edited("compose", "    expose:\n", "    networks: [default, back]\n    expose:\n"),
        "the network back"),
    "a port that nobody asks": (
        edited("load_balancing", "listen 80;", "listen 8080;"), "listens on 8080"),
    "nobody is let in": (
        edited("load_balancing", BY_VARIABLE[0], f"            deny all;\n{BY_VARIABLE[0]}"),
        "location / refuses everybody"),
    "a host that nginx cannot look up": (
        edited("load_balancing", *BY_VARIABLE, *UPSTREAM), "no resolver finds app:8000"),
    "other paths for the service": (
        edited("load_balancing", "http://shop;", "http://shop/internal/;"), "as /internal/"),
    "a Service elsewhere": (
        edited("kubernetes", SERVICE, f"{SERVICE}  namespace: elsewhere\n"), "elsewhere"),
    "a mount of no volume": (
        edited("kubernetes", "- name: data\n              mount",
               "- name: datta\n              mount"), "mounts datta"),
    "one of two Services leads nowhere": (
        edited("kubernetes", SERVICE, f"{SERVICE}spec:\n  selector:\n    app: shopp\n  ports:\n"
               f"    - port: 80\n---\n{SERVICE}"), "the Service selects {'app': 'shopp'}"),
    "a probe by HTTPS": (
        edited("kubernetes", "port: 8000\n          live",
               "port: 8000\n              scheme: HTTPS\n          live"), "by HTTPS"),
    "a port of a command in the cluster": (
        edited("kubernetes", "shop:1.0.0\n",
               'shop:1.0.0\n          args: ["uvicorn", "core.main:app", "--port", "9000"]\n'),
        "the command of the Deployment"),
    "a scaler elsewhere": (
        edited("scaling", "metadata:\n", "metadata:\n  namespace: elsewhere\n"), "elsewhere"),
    "tests that cannot fail": (
        edited("ci", "pytest tests", "pytest tests || true"), "cannot fail"),
    "tests that are only listed": (
        edited("ci", "pytest tests", "pytest --collect-only tests"), "cannot fail"),
    "tests that are never run": (
        edited("ci", "- run: pytest", "- if: false\n        run: pytest"), "if: false"),
    "failures that do not count": (
        edited("ci", "- run: pytest", "- continue-on-error: true\n        run: pytest"),
        "continue-on-error"),
    "an old Python": (edited("ci", '"3.11"', '"3.7"'), "python-version is 3.7"),
    "a number for a version": (edited("ci", '"3.11"', "3.10"), "python-version is 3.1"),
}  # fmt: skip


@pytest.mark.parametrize("one", RIGHT.values(), ids=RIGHT)
def test_another_style_is_right(
    one: ComponentCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What works is not refused."""
    assert judged(one, tmp_path, monkeypatch) == ""


@pytest.mark.parametrize(("one", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_work_is_told(
    one: ComponentCase, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what was found."""
    assert words in judged(one, tmp_path, monkeypatch)


def test_a_finding_is_told_without_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that is not here does not hide what another check finds."""
    monkeypatch.setattr(tools.shutil, "which", lambda name, path: None)
    monkeypatch.chdir(tmp_path)
    one = edited("dockerfile", "EXPOSE 8000", "EXPOSE 9000")
    with pytest.raises(Refuted, match="EXPOSE 9000"):
        judges.judge(one, probe_of(one), {}, Selection())


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, False), ("", False), ("${A:?}", False), ("${A:?must be set}", False), ("$A", False),
     ("${A:-}", False), ("${A:-${B}}", False), ("$(cat /run/a)", False), ("{{ a }}", False),
     ("x", True), ("${A:-x}", True), ("a:$B:admin", True)],
)  # fmt: skip
def test_a_reference_is_no_secret(value: object, written: bool) -> None:
    """A default is."""
    assert is_written(value) is written


def test_the_files_of_the_solutions_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each kind that is judged here."""
    for kind in ("compose", "dockerfile", "load_balancing", "scripts", "kubernetes", "ci"):
        assert judged(case(kind), tmp_path, monkeypatch) == "", COMPONENTS[kind].path
