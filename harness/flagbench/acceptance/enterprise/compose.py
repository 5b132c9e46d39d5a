"""Judge of the compose file, and what other files of a deployment need of it."""

import posixpath
import re
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.environment import check_variables
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.secret_values import SECRETS, check_secret
from flagbench.acceptance.enterprise.starting import check_listens, plain_command
from flagbench.acceptance.enterprise.tools import document_of, expect_none, listed, mapping, part
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection

_DOCKERFILE = "infrastructure/docker/Dockerfile"
_COMPOSE = "infrastructure/docker/docker-compose.yml"
_NGINX = "infrastructure/docker/nginx.conf"
_NGINX_READS = "/etc/nginx/nginx.conf"


def judge_compose(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check it against the specification of Compose, and against the files that it names."""
    document = document_of(case, tools)
    if selection.has("schema"):
        expect_none("schema", tools.schema_errors("compose", document))
    if not selection.has("agreement"):
        return
    services = mapping(document.get("services"))
    app = mapping(services.get("app"))
    if not app:
        raise Refuted("agreement", "the service app is missing")
    folder = posixpath.dirname(case.path)
    build = app.get("build")
    context = part(build, "context") if isinstance(build, dict) else build
    if build is not None:
        root = posixpath.normpath(posixpath.join(folder, str(context or ".")))
        dockerfile = part(build, "dockerfile") or "Dockerfile"
        named = posixpath.normpath(posixpath.join(root, str(dockerfile)))
        if named != _DOCKERFILE or root != ".":
            what = f"app is built in {root} from {named}"
            raise Refuted("agreement", f"{what}; expected: the root of the system, {_DOCKERFILE}")
    check_variables(_variables(app.get("environment")), case.files, "the service app")
    for name in SECRETS:
        check_secret(name, _value(app.get("environment"), name), "the service app")
    port = re.sub(r"\$\{\w+:?-(.*)\}", r"\1", _value(app.get("environment"), "PORT") or PORT)
    if port != PORT and not port.startswith("$"):
        raise Refuted("agreement", f"PORT is {port}; expected: {PORT}")
    words = [plain_command(app.get(name)) for name in ("entrypoint", "command")]
    check_listens(" ".join(words), "the command of app")
    for value in (*listed(app.get("ports")), *listed(app.get("expose"))):
        target = part(value, "target") if isinstance(value, dict) else str(value).split(":")[-1]
        if str(target).partition("/")[0] != PORT:
            raise Refuted("agreement", f"app has the port {target}; expected: {PORT}")
    known = mapping(document.get("volumes"))
    for name, service in services.items():
        for volume in listed(part(service, "volumes")):
            _check_volume(name, volume, folder, case.paths, known)
    _check_links(services, mapping(document.get("networks")))
    _check_nginx(case, mapping(services.get("nginx")), folder)


def _check_links(services: dict[str, Any], networks: dict[str, Any]) -> None:
    """Check that what a service depends on is there, and that those that ask app reach it."""
    for name, service in services.items():
        for other in _names(part(service, "depends_on")):
            if other not in services:
                raise Refuted(
                    "agreement", f"{name} depends on {other}, which the file does not have"
                )
        for network in _names(part(service, "networks")):
            if network not in networks and network != "default":
                raise Refuted("agreement", f"{name} is in the network {network}, not declared")
    for name in {"nginx", "prometheus"} & services.keys():
        both = (mapping(services[name]), mapping(services["app"]))
        if any("network_mode" in each for each in both):
            continue
        own, those_of_app = (_names(each.get("networks")) or {"default"} for each in both)
        if not own & those_of_app:
            what = f"{name} is in {', '.join(sorted(own))}"
            raise Refuted("agreement", f"{what}; app is in {', '.join(sorted(those_of_app))}")


def _names(value: Any) -> set[str]:
    """The names in a list, or those that a mapping has values for."""
    return {str(each) for each in (value if isinstance(value, list | dict) else ())}


def _check_nginx(case: ComponentCase, nginx: dict[str, Any], folder: str) -> None:
    """Check that nginx has its configuration, and that a port is published that it listens on."""
    if not nginx or any(name in nginx for name in ("build", "configs", "command", "entrypoint")):
        return
    targets = set()
    for volume in listed(nginx.get("volumes")):
        source, target = _mount(volume)
        path = posixpath.normpath(posixpath.join(folder, source))
        if path == _NGINX or _NGINX.startswith(f"{path}/"):
            targets.add(posixpath.normpath(target) + _NGINX.removeprefix(path))
    if _NGINX in case.paths and _NGINX_READS not in targets:
        what = f"nginx mounts nginx.conf at {', '.join(sorted(targets)) or 'no place'}"
        raise Refuted("agreement", f"{what}; expected: {_NGINX_READS}")
    published, listens = published_ports(nginx), listened_ports(case.files.get(_NGINX, ""))
    if published and "80" in listens and not published & listens:
        what = f"nginx publishes its port {', '.join(sorted(published))}"
        raise Refuted("agreement", f"{what}; nginx.conf listens on {', '.join(sorted(listens))}")


def _mount(volume: Any) -> tuple[str, str]:
    """The source and the target of a mount."""
    if isinstance(volume, dict):
        return str(volume.get("source") or ""), str(volume.get("target") or "")
    source, _, rest = str(volume).partition(":")
    return source, rest.partition(":")[0]


def _variables(environment: Any) -> set[str]:
    if isinstance(environment, dict):
        return set(environment)
    return {str(each).partition("=")[0] for each in listed(environment)}


def _value(environment: Any, name: str) -> str | None:
    if isinstance(environment, dict):
        return None if environment.get(name) is None else str(environment[name])
    pairs = [str(each).partition("=") for each in listed(environment)]
    return {key: value if sign else None for key, sign, value in pairs}.get(name)


def _check_volume(
    service: str, volume: Any, folder: str, paths: tuple[str, ...], known: dict[str, Any]
) -> None:
    source = part(volume, "source") if isinstance(volume, dict) else str(volume).split(":")[0]
    if source is None or str(source).startswith(("/", "~", "$")):
        return
    if str(source).startswith("."):
        path = posixpath.normpath(posixpath.join(folder, str(source)))
        if not any(each == path or each.startswith(f"{path}/") for each in paths):
            raise Refuted("agreement", f"{service} mounts {source}: the system has no {path}")
    elif source not in known:
        raise Refuted("agreement", f"{service} mounts the volume {source}, which is not declared")


def published_ports(service: Any) -> set[str]:
    """The ports of a service of the compose file that others may ask."""
    ports = [
        part(value, "target") if isinstance(value, dict) else str(value).split(":")[-1]
        for value in listed(part(service, "ports"))
    ]
    return {number for port in ports if (number := str(port).partition("/")[0]).isdigit()}


def listened_ports(text: str) -> set[str]:
    """The ports that a configuration of nginx listens on."""
    plain = re.sub(r"(?m)#.*$", "", text)
    found = re.findall(r"\blisten\s+(?:[^;\s]*:)?(\d+)\b(?!\.)", plain)
    return set(found) or {"80"}


def compose_file(case: ComponentCase, tools: Tools) -> Any:
    """The compose file; None where it cannot be read."""
    return part(tools.documents(_COMPOSE).documents, 0) if _COMPOSE in case.files else None


def compose_services(case: ComponentCase, tools: Tools) -> set[str]:
    """The services of the compose file; those of the contract where it cannot be read."""
    services = part(compose_file(case, tools), "services")
    if isinstance(services, dict) and services:
        return set(services)
    return {"app", "nginx", "prometheus"}
