"""Judges of the documents: Markdown, links, and the paths, ports and variables they name."""

import posixpath
import re
from collections.abc import Mapping
from difflib import get_close_matches

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.environment import check_variables
from flagbench.acceptance.enterprise.paths import contract_paths
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.telemetry import REQUESTS, SECONDS
from flagbench.acceptance.enterprise.tools import expect_none
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection
from flagbench.scenario.definitions import ComplianceSet, Control, built_in

_REQUEST = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE)[`*|\s]+(/[^\s`|*),;]*)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)")
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
_VARIABLE = re.compile(r"(?:`|\*\*|__)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|PORT)(?:`|\*\*|__)")
_FENCE = re.compile(r"(?ms)^(`{3,}|~{3,}).*?^\1`*\s*$")
_METRIC = re.compile(r"`(http_\w+)(?:\{[^`]*\})?`")
# How much the name of a metric is like the one that is meant.
_CLOSE = 0.9
_METRICS = {REQUESTS, SECONDS, *(SECONDS + end for end in ("_bucket", "_sum", "_count"))}
# A port of this host that a command leads to the service.
_FORWARDED = re.compile(r"port-forward\s[^\n]*?\s(\d+):\d+|-p\s+(\d+):\d+|-L\s*(\d+):")
_PORT = re.compile(r"(?i)\bport:?\s+`?(\d{2,5})|(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})")
_LISTENS = re.compile(r"(?i)\bservice (?:listens|runs|answers) (?:on|at) port:?\s+`?(\d{2,5})")
_HEALTH = re.compile(r"[\w.-]+:(\d{2,5})/(?:health|metrics|api/v1)\b")
# What is published beside the service: nginx and Prometheus.
_OTHER_PORTS = ("80", "443", "9090", "3000")
# A word that a control is described with; what protects the audit log is part of it.
_WORDS: Mapping[Control, str] = {
    "export": "export", "erasure": "eras", "encryption": "encrypt", "audit_reads": "audit",
    "audit_changes": "audit", "append_only": "audit", "four_eyes": "approv",
}  # fmt: skip


def judge_document(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check the Markdown and the links of a document, and that it agrees with the system."""
    if selection.has("markdown"):
        expect_none("markdown", tools.markdown(case.path))
    text = case.files[case.path]
    if selection.has("links"):
        _check_links(text, case)
    if selection.has("agreement"):
        _check_requests(text, case)
        _check_ports(text)
        _check_names(text)
        _check_paths(text, case)
        _DEMANDS[case.kind](text, case)


def _check_links(text: str, case: ComponentCase) -> None:
    """Check that what the document links to is there; other hosts are not asked.

    Headings of the document itself are a rule of Markdown (MD051).
    """
    plain = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", _FENCE.sub("", text))
    for target in _LINK.findall(plain):
        path, _, heading = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        named = posixpath.normpath(posixpath.join(posixpath.dirname(case.path), path))
        if path and not any(each == named or each.startswith(f"{named}/") for each in case.paths):
            raise Refuted("links", f"{target}: the system has no {named}")
        other = case.files.get(named, "") if path.endswith(".md") else ""
        if heading and other and heading.lower() not in _anchors(other):
            raise Refuted("links", f"{target}: {named} has no such heading")


def _anchors(text: str) -> set[str]:
    """The names of the headings of a document, as links have them."""
    found: set[str] = set(re.findall(r"(?:id|name)=[\"']([^\"']+)", text.lower()))
    for heading in re.findall(r"(?m)^#{1,6}\s+(.+?)\s*#*\s*$", _FENCE.sub("", text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        number = 0
        while (f"{name}-{number}" if number else name) in found:
            number += 1
        found.add(f"{name}-{number}" if number else name)
    return found


def _check_requests(text: str, case: ComponentCase) -> None:
    """Check that the service has each request that is named."""
    known = contract_paths(case.brief)
    if case.brief.tech_stack.framework == "FastAPI":  # it makes these itself
        known["GET"] |= {"/openapi.json", "/docs", "/redoc"}
    for method, path in _requests(text):
        example = re.sub(r"/\d+(?=/|$)|/[^/\s]+@[^/\s]+", "/{}", path)
        if not {path, example} & known.get(method, set()):
            raise Refuted("agreement", f"{method} {path}: the service has no such path")


def _requests(text: str) -> list[tuple[str, str]]:
    found = []
    for method, path in _REQUEST.findall(text):
        plain = re.sub(r"\{[^}]*\}|<[^>]*>|:\w+", "{}", path.partition("?")[0]).rstrip(".:")
        found.append((method, plain if plain == "/" else plain.rstrip("/")))
    return found


def _check_ports(text: str) -> None:
    forwarded = {port for found in _FORWARDED.findall(text) for port in found if port}
    for match in _PORT.finditer(text):
        port = match[1] or match[2]
        if port not in (PORT, *_OTHER_PORTS, *forwarded):
            raise Refuted("agreement", f"{match[0]}: the service listens on {PORT}")
    for said in _LISTENS.finditer(text):
        if said[1] != PORT:
            raise Refuted("agreement", f"{said[0]}: the service listens on {PORT}")
    for asked in _HEALTH.finditer(text):
        if asked[1] not in (PORT, "80", *forwarded):
            raise Refuted("agreement", f"{asked[0]}: the service listens on {PORT}")


def _check_names(text: str) -> None:
    """Check that commands set the accounts beside the key, and that metrics have their names."""
    if "SECRET_KEY=" in text and "API_USERS" not in text:
        raise Refuted("agreement", "a command sets SECRET_KEY, but none API_USERS")
    for name in _METRIC.findall(text):
        meant = get_close_matches(name, _METRICS, 1, _CLOSE)
        if meant and name not in _METRICS:
            what = f"{name} is not a metric of the service"
            raise Refuted("agreement", f"{what}; expected: {meant[0]}")


def _check_paths(text: str, case: ComponentCase) -> None:
    """Check that the files and folders that are named in code spans are there."""
    folders = {path.partition("/")[0] for path in case.paths if "/" in path}
    for name in _PATH.findall(text):
        named = name.rstrip("/")
        is_own = named.partition("/")[0] in folders
        if is_own and not any(each == named or each.startswith(f"{named}/") for each in case.paths):
            raise Refuted("agreement", f"{name}: the system has no such file")


def _demand_start(text: str, case: ComponentCase) -> None:
    name = case.brief.name.replace("-", "[ -]")
    if not re.search(rf"(?i)\b{name}", text):
        raise Refuted("agreement", f"the name {case.brief.name} does not occur")
    for word in ("SECRET_KEY", PORT):
        if word not in text:
            raise Refuted("agreement", f"the start needs {word}, which does not occur")


def _demand_paths(text: str, case: ComponentCase) -> None:
    named = set(_requests(text))
    for method, paths in contract_paths(case.brief).items():
        for path in sorted(paths):
            if (method, path) not in named:
                raise Refuted("agreement", f"{method} {path} is not documented")


def _demand_variables(text: str, case: ComponentCase) -> None:
    check_variables(_VARIABLE.findall(text), case.files, "the document", needs_all=True)
    if case.brief.system_design.deployment == "kubernetes" and "kubectl" not in text:
        raise Refuted("agreement", "how to deploy to Kubernetes does not occur")
    if "compose" not in text.lower():
        raise Refuted("agreement", "how to deploy with Compose does not occur")


def _demand_folders(text: str, _: ComponentCase) -> None:
    for folder in ("core", "security", "monitoring"):
        if not re.search(rf"\b{folder}[/`]", text):
            raise Refuted("agreement", f"the folder {folder}/ does not occur")


def _demand_controls(text: str, case: ComponentCase) -> None:
    for part in case.brief.sets:
        for word in _words_of(part):
            if word not in text.lower():
                what = f"the control of {part.compliance} with {word}… does not occur"
                raise Refuted("agreement", what)
        if part.compliance not in text:
            raise Refuted("agreement", f"{part.compliance} does not occur")
    for name, part in built_in().sets.items():
        if name not in case.brief.compliance and re.search(rf"\b{name}\b", text):
            what = f"{name} ({', '.join(_words_of(part))}…) is not a set of the brief"
            raise Refuted("agreement", what)


def _words_of(part: ComplianceSet) -> list[str]:
    return list(dict.fromkeys(_WORDS[control] for control in part.controls))


_DEMANDS = {
    "readme": _demand_start,
    "api": _demand_paths,
    "deployment": _demand_variables,
    "architecture": _demand_folders,
    "compliance_document": _demand_controls,
}
