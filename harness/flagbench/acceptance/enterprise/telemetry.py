"""Checks of the metrics of a service, and of the description of its API."""

import re
from typing import Any

from flagbench.acceptance.enterprise.api import (
    ADMIN,
    AUDITOR,
    CLERK,
    NOBODY,
    ROOT,
    Api,
    Row,
    refutation,
)
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.paths import contract_paths
from flagbench.acceptance.enterprise.probe_client import Tools

REQUESTS, SECONDS = "http_requests_total", "http_request_duration_seconds"
_REPEATS = 3
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What Prometheus stores of a type of metric, by the ends of the names.
_ENDS = {
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("", "_sum", "_count"),
}
_SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?")
_LABEL = re.compile(r'\s*([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"\s*(?:,|\Z)')

Samples = list[tuple[str, dict[str, str], float]]


def check_metrics(api: Api) -> None:
    """Check that requests are counted by method, path and status, and their duration measured."""
    before = _samples(api)
    for _ in range(_REPEATS):
        api.ask("GET", "/health", who=NOBODY)
    path = f"{ROOT}/{api.brief.entities[0].table}"
    refused = str(api.ask("GET", path, who=NOBODY).status)
    after = _samples(api)
    _expect_rise(
        api, before, after, {"method": "GET", "path": "/health", "status": "200"}, _REPEATS
    )
    _expect_rise(api, before, after, {"method": "GET", "path": path, "status": refused}, 1)
    for suffix in ("_count", "_sum"):
        rise = _sum(after, SECONDS + suffix) - _sum(before, SECONDS + suffix)
        if rise < (_REPEATS if suffix == "_count" else 0):
            what = f"{SECONDS}{suffix} rises by {rise:g} within {_REPEATS + 1} requests"
            raise api.refutation("metrics", "middleware", what)
    _check_buckets(api, after)


def _check_buckets(api: Api, samples: Samples) -> None:
    """Check that a histogram has buckets, and that the last one counts every request."""
    body = str(api.ask("GET", "/metrics", who=NOBODY).body)
    if re.search(rf"(?m)^# TYPE {SECONDS} histogram\s*$", body):
        every = _sum(samples, f"{SECONDS}_bucket", {"le": "+Inf"})
        count = _sum(samples, f"{SECONDS}_count")
        if every != count:
            what = f'{SECONDS}_bucket{{le="+Inf"}} is {every:g}, and {SECONDS}_count {count:g}'
            raise api.refutation("metrics", "middleware", what)


def _expect_rise(
    api: Api, before: Samples, after: Samples, labels: dict[str, str], by: int
) -> None:
    rise = _sum(after, REQUESTS, labels) - _sum(before, REQUESTS, labels)
    if rise != by:
        named = ", ".join(f'{name}="{value}"' for name, value in labels.items())
        what = f"{REQUESTS}{{{named}}} rises by {rise:g} within {by} such requests"
        raise api.refutation("metrics", "middleware", what)


def _sum(samples: Samples, name: str, labels: dict[str, str] | None = None) -> float:
    wanted = (labels or {}).items()
    return sum(value for other, own, value in samples if other == name and wanted <= own.items())


def _samples(api: Api) -> Samples:
    """The samples of /metrics. Raises `Refuted` for another format."""
    answer = api.expect("metrics", "main", 200, "GET", "/metrics", who=NOBODY)
    if not isinstance(answer.body, str):
        what = f"GET /metrics answers {answer.body!r:.200}; expected: Prometheus' text format"
        raise api.refutation("metrics", "main", what)
    samples: Samples = []
    for line in answer.body.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _SAMPLE.fullmatch(line.strip())
        labels = dict(_LABEL.findall(match[2] or "")) if match else {}
        if match is None or _LABEL.sub("", match[2] or "").strip():
            raise refutation("metrics", "middleware", f"/metrics has the line {line!r:.200}")
        try:
            samples.append((match[1], labels, float(match[3])))
        except ValueError:
            what = f"/metrics has the line {line!r:.200}, whose value is not a number"
            raise refutation("metrics", "middleware", what) from None
    for name, kinds in ((REQUESTS, "counter"), (SECONDS, "histogram|summary")):
        if not re.search(rf"(?m)^# TYPE {name} ({kinds})\s*$", answer.body):
            what = f"/metrics has no line # TYPE {name} {kinds.replace('|', ' or ')}"
            raise refutation("metrics", "middleware", what)
    return samples


def note_series(api: Api) -> None:
    """Note the series that the service has once it was used: those it declares, and samples."""
    body = api.expect("metrics", "main", 200, "GET", "/metrics", who=NOBODY).body
    for name, kind in re.findall(r"(?m)^# TYPE (\S+) (\w+)\s*$", str(body)):
        for end in _ENDS.get(kind, ("",)):
            api.series.setdefault(name + end, set())
    for name, labels, _ in _samples(api):
        api.series.setdefault(name, set()).update(labels)


def check_openapi(api: Api) -> None:
    """Check the description that FastAPI makes, and that it has the paths of the contract."""
    if api.brief.tech_stack.framework != "FastAPI":
        return
    document = api.expect("openapi", "main", 200, "GET", "/openapi.json", who=NOBODY).body
    errors = Tools(api.service.probe).openapi(document)
    if errors:
        raise api.refutation("openapi", "main", f"/openapi.json: {errors[0]}")
    described = {(method, re.sub(r"\{[^}]*\}", "{}", path)) for method, path in _requests(document)}
    for method, paths in contract_paths(api.brief).items():
        # A loop may leave the two of the service itself out of its description.
        missing = {path for path in paths if (method, path) not in described}
        missing -= {"/health", "/metrics"}
        if missing:
            what = f"/openapi.json does not have {method} {min(missing)}"
            raise api.refutation("openapi", "controllers", what)


def _requests(document: Any) -> list[tuple[str, str]]:
    """The method and the path of each request that is described."""
    return [
        (method.upper(), path)
        for path, item in document.get("paths", {}).items()
        for method in item
        if method.upper() in _METHODS
    ]


def check_other_paths(api: Api) -> None:
    """Check that no path beside those of the contract tells anything to those who may not know it.

    Only FastAPI describes all of its paths.
    """
    if api.brief.tech_stack.framework != "FastAPI":
        return
    document = api.expect("other-paths", "main", 200, "GET", "/openapi.json", who=NOBODY).body
    known = contract_paths(api.brief)
    person = None
    if "export" in api.brief.controls and api.brief.person is not None:
        person = api.create("create", "controllers", api.brief.person)
    for method, path in _requests(document):
        if re.sub(r"\{[^}]*\}", "{}", path) not in known.get(method, ()):
            _check_other(api, method, path, person)


def _check_other(api: Api, method: str, path: str, person: Row | None) -> None:
    """Ask a path as nobody, and for a person as those who may not export one."""
    is_main = path in api.files.get(COMPONENTS["main"].path, "")
    kind = "main" if is_main else "controllers"
    body: Any = {} if method in ("POST", "PUT", "PATCH") else None
    address = next((str(each) for each in (person or {}).values() if "@" in str(each)), "1")
    for value in dict.fromkeys(("1", address)):
        filled = re.sub(r"\{[^}]*\}", value, path)
        answer = api.ask(method, filled, body, who=NOBODY)
        is_open = answer.status != 401 if path.startswith(f"{ROOT}/") else answer.status < 400
        if is_open:
            what = f"{method} {path}, which is not in the contract, answers {answer.status}"
            raise refutation("other-paths", kind, f"{what} without a token")
    for who in (CLERK, AUDITOR) if "{" in path and person is not None else ():
        answer = api.ask(method, filled, body, who=who)
        if answer.status < 400 and address in str(answer.body):
            what = f"{method} {path}, which is not in the contract, tells {who} of a person"
            raise refutation("other-paths", kind, f"{what}; only {ADMIN} may export one")
