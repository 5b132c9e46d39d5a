"""Judge of the configuration of nginx."""

import re

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.compose import (
    compose_file,
    compose_services,
    listened_ports,
    published_ports,
)
from flagbench.acceptance.enterprise.probe_client import MissingTool, Tools
from flagbench.acceptance.enterprise.tools import expect_success, part, program
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection
from flagbench.errors import Problem


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
    nginx = part(compose_file(case, tools), "services", "nginx")
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
