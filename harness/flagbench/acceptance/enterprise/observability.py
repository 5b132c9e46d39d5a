"""Judges of the files that watch the service: Prometheus, alerts, the dashboard."""

import re
from collections.abc import Iterable
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.components import names
from flagbench.acceptance.enterprise.containers import compose_services
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.telemetry import REQUESTS, SECONDS
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

# What Prometheus itself adds to each target.
_ADDED = ("up", "scrape_duration_seconds", "scrape_samples_scraped")
_COMPOSE = "infrastructure/docker/docker-compose.yml"
_ALERTS = "monitoring/alerts/alerts.yml"


def judge_prometheus(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let promtool read it; check that it asks the service, and has its rules."""
    document = document_of(case, tools, "promtool")
    if selection.has("promtool"):
        arguments = ("check", "config", "--syntax-only", case.path)
        expect_success("promtool", tools.run(program("promtool"), *arguments))
    if not selection.has("agreement"):
        return
    services = compose_services(case, tools)
    jobs = listed(document.get("scrape_configs"))
    targets = [
        (str(target), part(job, "metrics_path") or "/metrics")
        for job in jobs
        for config in listed(part(job, "static_configs"))
        for target in listed(part(config, "targets"))
    ]
    if (f"app:{PORT}", "/metrics") not in targets:
        what = f"the targets are {targets}; expected: app:{PORT} with /metrics"
        raise Refuted("agreement", what)
    for target, _ in targets:
        host = target.rpartition(":")[0] or target
        if host not in {*services, "localhost"}:
            what = f"the target {target} is not a service of the compose file"
            raise Refuted("agreement", what)
    if not listed(document.get("rule_files")):
        raise Refuted("agreement", f"rule_files does not have {_ALERTS}")
    mounted = _mounted(case, tools)
    for rules in listed(document.get("rule_files")):
        if mounted and not any(_matches(str(rules), path) for path in mounted):
            what = f"rule_files has {rules}, which the compose file does not mount"
            raise Refuted("agreement", what)


def _mounted(case: ComponentCase, tools: Tools) -> list[str]:
    """The places of files in the container of Prometheus."""
    if _COMPOSE not in case.files:
        return []
    compose = part(tools.documents(_COMPOSE).documents, 0, "services", "prometheus", "volumes")
    return [
        str(part(each, "target") if isinstance(each, dict) else str(each).split(":")[1])
        for each in listed(compose)
        if isinstance(each, dict) or ":" in str(each)
    ]


def _matches(rules: str, path: str) -> bool:
    if not rules.startswith("/"):
        rules = f"/etc/prometheus/{rules}"
    pattern = re.escape(rules).replace(r"\*", "[^/]*")
    return re.fullmatch(pattern, path) is not None or rules.startswith(f"{path.rstrip('/')}/")


def judge_alerts(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let promtool read them; check that the metrics are those of the service."""
    document = document_of(case, tools, "promtool")
    if selection.has("promtool"):
        arguments = ("check", "rules", "--lint-fatal", case.path)
        expect_success("promtool", tools.run(program("promtool"), *arguments))
    if not selection.has("agreement"):
        return
    groups = listed(document.get("groups"))
    rules = [rule for group in groups for rule in listed(part(group, "rules"))]
    if not any("alert" in mapping(rule) for rule in rules):
        raise Refuted("agreement", "an alert is missing")
    recorded = {str(name) for rule in rules if (name := part(rule, "record")) is not None}
    _check_metrics(case, tools, [part(rule, "expr") for rule in rules], recorded)


def judge_dashboards(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check it against the model of Grafana, and its queries against the service."""
    document = document_of(case, tools)
    if selection.has("schema"):
        expect_none("schema", tools.schema_errors("dashboard", document))
    panels = list(_panels(document))
    if selection.has("promql"):
        for target in _targets(panels):
            error = tools.metrics(_plain(target)).error
            expect_none("promql", [f"{target}: {error}"] if error else [])
    if not selection.has("agreement"):
        return
    expressions = [_plain(each) for each in _targets(panels)]
    if not expressions:
        raise Refuted("agreement", "no panel has a query")
    numbers = [part(panel, "id") for panel in panels if part(panel, "id") is not None]
    if len(set(numbers)) < len(numbers):
        raise Refuted("agreement", "two panels have the same id")
    _check_metrics(case, tools, expressions, ())


def _panels(document: Any) -> Iterable[Any]:
    for panel in listed(part(document, "panels")):
        yield panel
        yield from _panels(panel)


def _targets(panels: Iterable[Any]) -> list[str]:
    return [
        str(part(target, "expr"))
        for panel in panels
        for target in listed(part(panel, "targets"))
        if part(target, "expr") is not None
    ]


def _plain(expression: str) -> str:
    """The expression with Grafana's intervals and variables replaced."""
    ranges = re.sub(r"\$__(rate_)?interval|\$\{__(rate_)?interval\}", "5m", expression)
    return re.sub(r"\$\w+|\$\{[^}]*\}", "x", ranges)


def _check_metrics(
    case: ComponentCase, tools: Tools, expressions: Iterable[Any], further: Iterable[str]
) -> None:
    """Check that each metric is one of the service. Raises `Refuted`."""
    known = {REQUESTS, SECONDS, *(SECONDS + end for end in ("_bucket", "_sum", "_count")),
             *_ADDED, *further}  # fmt: skip
    code = "\n".join(text for path, text in case.files.items() if path.endswith((".py", ".js")))
    for expression in expressions:
        read = tools.metrics(str(expression))
        if read.error:
            raise Refuted("agreement", f"{expression}: {read.error}")
        for name in read.names:
            base = re.sub(r"_(bucket|sum|count)\Z", "", name)
            if name not in known and not re.search(rf"\b{re.escape(base)}\b", code):
                what = f"{name} is not a metric of the service"
                raise Refuted("agreement", f"{what}; expected: {names(known - set(_ADDED))}")
