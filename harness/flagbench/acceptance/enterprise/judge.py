"""The judge of each kind of component, and its checks in their order."""

from collections.abc import Callable, Mapping, Sequence

from flagbench.acceptance.enterprise import application, cluster, documents, images
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.compose import judge_compose
from flagbench.acceptance.enterprise.load_balancing import judge_load_balancing
from flagbench.acceptance.enterprise.observability import (
    judge_alerts,
    judge_dashboards,
    judge_prometheus,
)
from flagbench.acceptance.enterprise.policies import judge_policies
from flagbench.acceptance.enterprise.probe_client import MissingTool, Tools
from flagbench.acceptance.enterprise.scripts import judge_scripts
from flagbench.acceptance.enterprise.suites import judge_fixtures, judge_tests
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Figures, Refuted
from flagbench.acceptance.selection import Selection

Judge = Callable[[ComponentCase, ProbeClient, Figures, Selection], None]
FileJudge = Callable[[ComponentCase, Tools, Selection], None]

# The runs of checks that decide a file of code, by kind.
_RUNS: Mapping[str, Sequence[str]] = {
    "models": ("functions", "boot", "tables", "constraints", "at-rest", "restart"),
    "controllers": ("boot", "token", "unauthenticated", "create", "list", "retrieve", "update",
                    "delete", "openapi"),
    "services": ("services", "at-rest"),
    "middleware": ("middleware", "metrics", "erasure"),
    "config": ("config", "restart", "secret"),
    "main": ("boot", "health", "metrics", "retrieve", "validation", "conflict", "references"),
    "auth": ("auth", "token", "restart", "expiry"),
    "authorization": ("authorization",),
    "encryption": ("cipher", "at-rest"),
    "compliance": ("compliance", "export", "erasure", "audit", "append-only", "four-eyes"),
    "tracing": ("span",),
}  # fmt: skip
# Those of JavaScript, whose functions have other names: seen over HTTP.
_RUNS_OF_NODE: Mapping[str, Sequence[str]] = {
    **_RUNS,
    "services": ("create", "list", "retrieve", "update", "delete", "validation", "conflict",
                 "references", "at-rest"),
    "config": ("boot", "restart", "secret"),
    "auth": ("token", "unauthenticated", "restart", "expiry"),
    "authorization": ("roles",),
}  # fmt: skip
# Runs that find something about a file which it needs nothing of, if its functions are sound.
_FURTHER: Mapping[str, Sequence[str]] = {
    "controllers": ("validation", "numbers", "conflict", "references", "roles", "export", "erasure",
                    "audit", "four-eyes", "other-paths"),
    "main": ("other-paths",),
    "services": ("validation", "numbers", "conflict", "references", "four-eyes"),
    "auth": ("unauthenticated",),
    "authorization": ("roles", "export", "audit"),
}  # fmt: skip
_FILES: Mapping[str, tuple[FileJudge, tuple[str, ...]]] = {
    "policies": (judge_policies, ("schema", "agreement")),
    "dockerfile": (images.judge_dockerfile, ("hadolint", "agreement")),
    "compose": (judge_compose, ("schema", "agreement")),
    "kubernetes": (cluster.judge_kubernetes, ("schema", "agreement")),
    "scaling": (cluster.judge_scaling, ("schema", "agreement")),
    "load_balancing": (judge_load_balancing, ("nginx", "agreement")),
    "ci": (cluster.judge_ci, ("schema", "zizmor", "agreement")),
    "scripts": (judge_scripts, ("shellcheck", "agreement")),
    "prometheus": (judge_prometheus, ("promtool", "agreement")),
    "alerts": (judge_alerts, ("promtool", "agreement")),
    "dashboards": (judge_dashboards, ("schema", "promql", "agreement")),
    **dict.fromkeys(
        ("readme", "api", "deployment", "architecture", "compliance_document"),
        (documents.judge_document, ("markdown", "links", "agreement")),
    ),
}
# Checks by programs that may not be installed.
_BY_PROGRAMS = frozenset({"hadolint", "nginx", "zizmor", "shellcheck", "promtool"})
_TESTS = ("bandit", "collects", "passes", "mutants")
_OF_TESTS: Mapping[str, tuple[str, ...]] = {
    "unit": _TESTS,
    "integration": (*_TESTS, "access", "controls"),
    "performance": (*_TESTS, "load"),
}


def _names(kind: str) -> tuple[str, ...]:
    """The checks that findings about a kind of code are named after."""
    runs = (*_RUNS[kind], *_FURTHER.get(kind, ()))
    return tuple(dict.fromkeys(
        name for run in runs for name in application.PARTS.get(run, (run,))
    ))  # fmt: skip


CHECKS: Mapping[str, tuple[str, ...]] = {
    **{kind: ("bandit", *_names(kind)) for kind in _RUNS},
    **{kind: checks for kind, (_, checks) in _FILES.items()},
    "fixtures": ("bandit", "fixtures"),
    **_OF_TESTS,
}


def judge(case: ComponentCase, probe: ProbeClient, figures: Figures, selection: Selection) -> None:
    """Judge a component. Raises `Refuted`, and `MissingTool` where its tool is not here."""
    if case.kind in _FILES:
        _judge_file(case, Tools(probe), selection)
        return
    if case.brief.is_python and selection.has("bandit"):
        findings = probe.bandit_findings(case.path)
        if findings:
            raise Refuted("bandit", "; ".join(findings[:3]))
    if case.kind == "fixtures":
        judge_fixtures(case, probe, figures, selection)
    elif case.kind in _RUNS:
        _judge_code(case, probe, selection)
    else:
        judge_tests(case, probe, figures, selection)


def _judge_file(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Judge a file; without its tool, the findings of the other checks come first."""
    judge_it, checks = _FILES[case.kind]
    try:
        judge_it(case, tools, selection)
    except MissingTool:
        judge_it(case, tools, Selection(frozenset(selection.of(checks)) - _BY_PROGRAMS))
        raise


def _judge_code(case: ComponentCase, probe: ProbeClient, selection: Selection) -> None:
    """Raise what was found about a file when the application ran."""
    if not selection.has(*CHECKS[case.kind][1:]):
        return
    all_findings = application.findings_of(case, probe)
    runs = (_RUNS if case.brief.is_python else _RUNS_OF_NODE)[case.kind]
    if selection.names is not None and all(
        run in all_findings.passed
        for run in (*runs, *_FURTHER.get(case.kind, ()))
        if selection.has(*application.PARTS.get(run, (run,)))
    ):
        return
    findings = all_findings.about(case.path, runs)
    for finding in sorted(findings, key=lambda each: not selection.has(each.check)):
        elsewhere = finding.path not in ("", case.path)
        raise Refuted(
            finding.check, f"{finding.path}: " * elsewhere + finding.message, finding.path
        )


JUDGES: Mapping[str, Judge] = dict.fromkeys(COMPONENTS, judge)
