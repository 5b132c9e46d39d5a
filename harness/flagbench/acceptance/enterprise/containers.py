"""Judges of the container: Dockerfile, compose file, nginx, start script."""

import posixpath
import re
import shlex
from collections.abc import Sequence
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.environment import check_variables
from flagbench.acceptance.enterprise.probe_client import MissingTool, Tools
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
_STARTS = {
    "FastAPI": r"\buvicorn\b.*\bcore\.main:app\b",
    "Flask": r"\bcore\.main:app\b",
    "Django": r"\bcore\.main:app\b",
    "Express": r"\bnode\b.*\bcore/main(\.js)?\b",
}


def judge_dockerfile(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let hadolint read it; check what it copies, its port, its user and its command."""
    if selection.has("hadolint"):
        ended = tools.run(
            program("hadolint"), "--no-color", "--failure-threshold", "warning", case.path
        )
        expect_success("hadolint", ended)
    if not selection.has("agreement"):
        return
    text = case.files[case.path]
    instructions = [
        (match[1].upper(), match[2].strip())
        for line in re.sub(r"\\\s*\n", " ", text).splitlines()
        if (match := re.match(r"\s*([A-Za-z]+)\s+(.*)", line)) and not line.startswith("#")
    ]
    for name, words in instructions:
        if name in ("COPY", "ADD") and "--from" not in words:
            _check_sources(words, case.paths)
    exposed = {port for name, words in instructions if name == "EXPOSE" for port in words.split()}
    if exposed not in ({PORT}, {f"{PORT}/tcp"}):
        raise Refuted("agreement", f"EXPOSE {', '.join(exposed) or 'nothing'}; expected: {PORT}")
    users = [words for name, words in instructions if name == "USER"]
    if not users or users[-1].partition(":")[0] in ("root", "0"):
        raise Refuted("agreement", "the service runs as root; expected: a USER without its rights")
    command = " ".join(words for name, words in instructions if name in ("CMD", "ENTRYPOINT"))
    _check_command(case, command)


def _check_sources(words: str, paths: tuple[str, ...]) -> None:
    """Check that what is copied is part of the system."""
    parts = [each for each in re.sub(r'[\[\]",]', " ", words).split() if not each.startswith("--")]
    for source in parts[:-1]:
        name = posixpath.normpath(source)
        pattern = re.compile(re.escape(name).replace(r"\*", "[^/]*") + r"(/.*)?")
        if name != "." and not any(pattern.fullmatch(path) for path in paths):
            raise Refuted("agreement", f"COPY {source}: the system has no such file")


def _check_command(case: ComponentCase, command: str) -> None:
    plain = re.sub(r'[\[\]",]', " ", command)
    scripts = re.findall(r"[\w./-]+\.sh\b", plain)
    for script in scripts:
        if not any(path.endswith(script.removeprefix("./").lstrip("/")) for path in case.paths):
            raise Refuted("agreement", f"CMD starts {script}: the system has no such file")
    if not scripts and not re.search(_STARTS[case.brief.tech_stack.framework], plain):
        raise Refuted("agreement", f"CMD {plain.strip()!r} does not start core.main")


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
    port = _value(app.get("environment"), "PORT")
    if port not in (None, PORT) and not port.startswith("${"):
        raise Refuted("agreement", f"PORT is {port}; expected: {PORT}")
    for value in (*listed(app.get("ports")), *listed(app.get("expose"))):
        target = part(value, "target") if isinstance(value, dict) else str(value).split(":")[-1]
        if str(target).partition("/")[0] != PORT:
            raise Refuted("agreement", f"app has the port {target}; expected: {PORT}")
    known = mapping(document.get("volumes"))
    for name, service in services.items():
        for volume in listed(part(service, "volumes")):
            _check_volume(name, volume, folder, case.paths, known)


def _variables(environment: Any) -> set[str]:
    if isinstance(environment, dict):
        return set(environment)
    return {str(each).partition("=")[0] for each in listed(environment)}


def _value(environment: Any, name: str) -> str | None:
    if isinstance(environment, dict):
        return None if environment.get(name) is None else str(environment[name])
    pairs = dict(str(each).partition("=")[::2] for each in listed(environment))
    return pairs.get(name)


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


def compose_services(case: ComponentCase, tools: Tools) -> set[str]:
    """The services of the compose file; those of the contract where it cannot be read."""
    if _COMPOSE in case.files:
        read = tools.documents(_COMPOSE)
        services = part(read.documents, 0, "services")
        if isinstance(services, dict) and services:
            return set(services)
    return {"app", "nginx", "prometheus"}


def _with_variables(command: str, lines: Sequence[str]) -> str:
    """A command of a script with the values of the variables that the script sets."""
    for line in lines:
        if assigned := re.match(r"\s*(?:export\s+|readonly\s+)?(\w+)=(\S+)", line):
            name, value = assigned.groups()
            used = rf"\$(?:{name}\b|\{{{name}\}})"
            command = re.sub(used, value.replace("\\", r"\\"), command)
    return command


def judge_scripts(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let shellcheck read it; check that it starts the service on its port."""
    if selection.has("shellcheck"):
        ended = tools.run(program("shellcheck"), "--severity=warning", "--color=never", case.path)
        expect_success("shellcheck", ended)
    if not selection.has("agreement"):
        return
    text = re.sub(r"\\\n", " ", case.files[case.path])
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    start = _STARTS[case.brief.tech_stack.framework]
    started = [line for line in lines if re.search(start, line)]
    if not started:
        raise Refuted("agreement", "the script does not start core.main")
    command = _with_variables(started[-1], lines)
    if case.brief.is_python and "PORT" not in command and not _has_word(command, PORT):
        raise Refuted("agreement", f"the service is not started on PORT or {PORT}")
    ports = re.findall(r"\$\{PORT:[-=](\d+)\}", text)
    if any(port != PORT for port in ports):
        raise Refuted("agreement", f"PORT is {ports[0]} by default; expected: {PORT}")


def _has_word(line: str, word: str) -> bool:
    try:
        return any(part.rpartition(":")[2] == word for part in shlex.split(line))
    except ValueError:
        return False
