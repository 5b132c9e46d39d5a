"""Judges of what is around the container: compose file, nginx, start script."""

import posixpath
import re
import shlex
from collections.abc import Sequence
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.environment import check_variables
from flagbench.acceptance.enterprise.probe_client import MissingTool, Tools
from flagbench.acceptance.enterprise.secret_values import SECRETS, check_secret
from flagbench.acceptance.enterprise.starting import STARTS, check_listens, plain_command
from flagbench.acceptance.enterprise.tools import (
    document_of,
    expect_none,
    expect_success,
    listed,
    mapping,
    part,
    program,
)
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection
from flagbench.errors import Problem

_DOCKERFILE = "infrastructure/docker/Dockerfile"
_COMPOSE = "infrastructure/docker/docker-compose.yml"
_NGINX = "infrastructure/docker/nginx.conf"
_NGINX_READS = "/etc/nginx/nginx.conf"


# A secret that a script sets, or gives a default.
_SET = re.compile(r"""\b(SECRET_KEY|API_USERS)=("[^"]*"|'[^']*'|\$\([^)]*\)|\S*)""")
_DEFAULT = re.compile(r"\$\{(SECRET_KEY|API_USERS):?[-=]([^}]*)\}")
_OPENS = re.compile(r"(?:^|[;&|])\s*(?:if|case|while|for|until)\b|[{(]\s*$")
_CLOSES = re.compile(r"(?:^|[;&|])\s*(?:fi|esac|done)\b|^\s*[})]")
_ASSIGNED = re.compile(r"""\s*(?:export\s+|readonly\s+)?(\w+)=("[^"]*"|'[^']*'|\S+)\s*""")


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


def judge_load_balancing(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let nginx test it; check that it passes requests on to the service."""
    services = compose_services(case, tools)
    if selection.has("nginx"):
        ended = tools.nginx(program("nginx"), case.path, sorted(services))
        if "getpwnam" in ended.output:  # as root, where the sandbox has no file system of its own
            raise MissingTool(Problem(f"nginx cannot run here: {ended.output.strip()}"))
        expect_success("nginx", ended)
    if not selection.has("agreement"):
        return
    text = re.sub(r"(?m)#.*$", "", case.files[case.path])
    text = _with_hosts(text)
    _check_locations(case, tools, text)
    upstreams = {
        match[1]: re.findall(r"\bserver\s+([\w.-]+)(?::(\d+))?", match[2])
        for match in re.finditer(r"\bupstream\s+(\S+)\s*\{([^}]*)\}", text)
    }
    targets = re.findall(r"\bproxy_pass\s+http://([\w.-]+)(?::(\d+))?", text)
    if not targets:
        raise Refuted("agreement", "no request is passed on: proxy_pass is missing")
    for host, port in targets:
        for server, number in upstreams.get(host, [(host, port)]):
            if server not in services:
                what = f"requests go to {server}, which the compose file does not have"
                raise Refuted("agreement", what)
            if server == "app" and number != PORT:
                raise Refuted("agreement", f"app is asked on port {number or 80}; expected: {PORT}")
    if not any(server == "app" for servers in (*upstreams.values(), targets)
               for server, _ in servers):  # fmt: skip
        raise Refuted("agreement", "no request is passed on to app")


def _with_hosts(text: str) -> str:
    """A configuration whose proxy_pass have the values of variables.

    Raises `Refuted` for a host that nginx cannot find when it runs.
    """
    for name, value in re.findall(r"\bset\s+\$(\w+)\s+[\"']?([\w.:/-]+)[\"']?\s*;", text):
        used = re.compile(rf"(proxy_pass\s+[^;]*?)\$(?:{name}\b|\{{{name}\}})")
        host = re.escape(value.removeprefix("http://").partition(":")[0])
        is_found = re.search(rf"\bresolver\s|\bupstream\s+{host}\s", text)
        if used.search(text) and not is_found:
            raise Refuted("agreement", f"proxy_pass uses ${name}, but no resolver finds {value}")
        text = used.sub(rf"\g<1>{value}", text)
    return text


def _check_locations(case: ComponentCase, tools: Tools, text: str) -> None:
    """Check that nginx listens where the compose file publishes it, and refuses not everybody."""
    nginx = part(_compose(case, tools), "services", "nginx")
    published, listens = published_ports(nginx) or {"80"}, listened_ports(text)
    if "80" not in listens and not published & listens:
        what = f"it listens on {', '.join(sorted(listens))}"
        raise Refuted("agreement", f"{what}; expected: {', '.join(sorted(published))}")
    for place, body in re.findall(r"\blocation\s+([^{]+?)\s*\{([^{}]*)\}", text):
        is_denied = re.search(r"\bdeny\s+all\s*;", body) and not re.search(r"\ballow\s", body)
        if "proxy_pass" in body and is_denied:
            raise Refuted("agreement", f"location {place} refuses everybody: deny all")
        passed_on = re.search(r"\bproxy_pass\s+http://[^/;\s]+(/[^;\s$]*)\s*;", body)
        if passed_on and passed_on[1] != place.split()[-1]:
            what = f"location {place} is passed on as {passed_on[1]}"
            raise Refuted("agreement", f"{what}, which the service does not have")


def _compose(case: ComponentCase, tools: Tools) -> Any:
    """The compose file; None where it cannot be read."""
    return part(tools.documents(_COMPOSE).documents, 0) if _COMPOSE in case.files else None


def compose_services(case: ComponentCase, tools: Tools) -> set[str]:
    """The services of the compose file; those of the contract where it cannot be read."""
    services = part(_compose(case, tools), "services")
    if isinstance(services, dict) and services:
        return set(services)
    return {"app", "nginx", "prometheus"}


def _with_variables(lines: Sequence[str]) -> list[str]:
    """The commands of a script with the values of the variables that it set before."""
    values: dict[str, str] = {}
    commands = []
    for line in lines:
        command = line
        for name, value in values.items():
            used = r"\$[@*]" if name == "@" else rf"\$(?:{name}\b|\{{{name}\}})"
            command = re.sub(used, value.replace("\\", r"\\"), command)
        commands.append(command)
        if assigned := _ASSIGNED.match(command):
            values[assigned[1]] = assigned[2].strip("\"'")
        elif given := re.match(r"\s*set\s+--\s+(.+)", command):
            values["@"] = given[1]
    return commands


def judge_scripts(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let shellcheck read it; check that it starts the service on its port."""
    if selection.has("shellcheck"):
        ended = tools.run(program("shellcheck"), "--severity=warning", "--color=never", case.path)
        expect_success("shellcheck", ended)
    if not selection.has("agreement"):
        return
    text = re.sub(r"\\\n", " ", case.files[case.path])
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines)
    start = STARTS[case.brief.tech_stack.framework]
    commands = _with_variables(lines)
    started = [
        number
        for number, line in enumerate(commands)
        if re.search(start, line) and not _ASSIGNED.fullmatch(line)
    ]
    if not started:
        raise Refuted("agreement", "the script does not start core.main")
    _check_reached(lines[: started[-1]])
    command = commands[started[-1]]
    if case.brief.is_python and "PORT" not in command and not _has_word(command, PORT):
        raise Refuted("agreement", f"the service is not started on PORT or {PORT}")
    ports = re.findall(r"\$\{PORT:?[-=](\d+)\}", text)
    if any(port != PORT for port in ports):
        raise Refuted("agreement", f"PORT is {ports[0]} by default; expected: {PORT}")
    check_listens(command, "the script")
    for name, value in (*_SET.findall(text), *_DEFAULT.findall(text)):
        check_secret(name, value, "the script")


def _check_reached(lines: Sequence[str]) -> None:
    """Check that the script does not end before it starts the service, whatever is set."""
    depth = 0
    for line in lines:
        depth += len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
        if depth == 0 and re.match(r"exit\b", line):
            what = f"the script ends with {line.strip()!r} before it starts the service"
            raise Refuted("agreement", what)


def _has_word(line: str, word: str) -> bool:
    try:
        return any(part.rpartition(":")[2] == word for part in shlex.split(line))
    except ValueError:
        return False
