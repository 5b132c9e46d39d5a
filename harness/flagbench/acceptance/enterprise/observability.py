"""Judges of the files that watch the service: Prometheus, alerts, the dashboard."""

import re
from collections.abc import Iterable
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.compose import compose_services
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.series import CHOSEN, check_expressions
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

_COMPOSE = "infrastructure/docker/docker-compose.yml"
_ALERTS = "monitoring/alerts/alerts.yml"
# A variable of Grafana.
_VARIABLE = r"\$(?:\w+|\{[^}]*\})"


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
    schemes = {
        str(part(job, "scheme") or "http")
        for job in jobs
        if f"app:{PORT}" in str(part(job, "static_configs"))
    }
    if "http" not in schemes:
        raise Refuted("agreement", f"app is asked by {', '.join(schemes)}; it answers http")
    _check_job(case, tools, [str(part(job, "job_name")) for job in jobs])
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


def _check_job(case: ComponentCase, tools: Tools, jobs: list[str]) -> None:
    """Check that the job of the brief's name is there if an alert asks for it."""
    name = case.brief.name
    for rule in _alert_rules(case, tools):
        for selector in tools.metrics(str(part(rule, "expr"))).selectors:
            if ("job", "=", name) in selector.matchers and name not in jobs:
                what = f"the jobs are {', '.join(jobs)}; an alert asks for the job {name}"
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
    check_expressions(case, tools, [str(part(rule, "expr")) for rule in rules], recorded)


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
    recorded = {str(name) for rule in _alert_rules(case, tools) if (name := part(rule, "record"))}
    check_expressions(case, tools, expressions, recorded)


def _alert_rules(case: ComponentCase, tools: Tools) -> list[Any]:
    """The rules of the system; none where their file cannot be read."""
    document = part(tools.documents(_ALERTS).documents, 0) if _ALERTS in case.files else None
    return [
        rule for group in listed(part(document, "groups")) for rule in listed(part(group, "rules"))
    ]


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
    text = expression
    while (plain := re.sub(rf"(\[[^\]$]*){_VARIABLE}", r"\g<1>5m", text)) != text:
        text = plain
    text = re.sub(r"\$(?:__(?:range|interval)_m?s|\{__(?:range|interval)_m?s\})", "300", text)
    return re.sub(_VARIABLE, CHOSEN, text)
