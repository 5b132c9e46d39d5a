"""Judges of the manifests for Kubernetes and of the workflow."""

import re
from collections.abc import Sequence
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.environment import check_variables
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.tools import (
    document_of,
    documents_of,
    expect_none,
    expect_success,
    listed,
    mapping,
    part,
    program,
)
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection

_MANIFESTS = "infrastructure/k8s/deployment.yaml"
_KINDS = ("ConfigMap", "Deployment", "Service")
_FILE = re.compile(r"(?<![\w$./-])((?:\./)?(?:[\w.-]+/)*[\w.-]+\.(?:txt|py|sh|ya?ml|json|js)"
                   r"|(?:\./)?(?:[\w.-]+/)*Dockerfile)(?![\w/])")  # fmt: skip


def judge_kubernetes(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check the manifests against Kubernetes' schemas, and against each other and the code."""
    manifests = documents_of(case, tools)
    if selection.has("schema"):
        expect_none("schema", tools.kubernetes(manifests))
    if selection.has("agreement"):
        _check_manifests(case, manifests)


def _check_manifests(case: ComponentCase, manifests: Sequence[Any]) -> None:
    by_kind = {part(each, "kind"): each for each in manifests}
    for kind in _KINDS:
        if kind not in by_kind:
            raise Refuted("agreement", f"a {kind} is missing")
    deployment, service = by_kind["Deployment"], by_kind["Service"]
    pod = mapping(part(deployment, "spec", "template"))
    labels = mapping(part(pod, "metadata", "labels"))
    for what, selector in (
        ("Deployment", part(deployment, "spec", "selector", "matchLabels")),
        ("Service", part(service, "spec", "selector")),
    ):
        if not selector or not mapping(selector).items() <= labels.items():
            raise Refuted("agreement", f"the {what} selects {selector}; its pods have {labels}")
    replicas = part(deployment, "spec", "replicas") or 1
    if replicas < case.brief.replicas:
        scale = case.brief.system_design.scale
        what = f"{replicas} replicas; expected: at least {case.brief.replicas} for {scale}"
        raise Refuted("agreement", what)
    containers = listed(part(pod, "spec", "containers"))
    container = mapping(containers[0] if containers else None)
    ports = listed(container.get("ports"))
    by_name = {part(each, "name"): str(part(each, "containerPort")) for each in ports}
    _check_ports(container, service, by_name)
    config = by_kind["ConfigMap"]
    data = mapping(part(config, "data"))
    variables = {part(each, "name") for each in listed(container.get("env"))}
    for each in listed(container.get("envFrom")):
        name = part(each, "configMapRef", "name")
        if name is not None and name != part(config, "metadata", "name"):
            raise Refuted("agreement", f"the environment is from a ConfigMap {name}, not here")
        variables |= set(data) if name is not None else set()
    _check_references(container, config)
    check_variables(map(str, variables), case.files, "the Deployment")
    if str(data.get("PORT", PORT)) != PORT:
        raise Refuted("agreement", f"PORT is {data['PORT']}; expected: {PORT}")
    if "SECRET_KEY" in data or "API_USERS" in data:
        raise Refuted("agreement", "a secret is in the ConfigMap; expected: secretKeyRef")


def _check_ports(container: dict[str, Any], service: Any, by_name: dict[Any, str]) -> None:
    if PORT not in by_name.values():
        what = f"the container has the ports {sorted(by_name.values())}; expected: {PORT}"
        raise Refuted("agreement", what)
    targets = [part(each, "targetPort", ) or part(each, "port")
               for each in listed(part(service, "spec", "ports"))]  # fmt: skip
    if not targets:
        raise Refuted("agreement", "the Service has no port")
    for target in targets:
        if by_name.get(target, str(target)) != PORT:
            raise Refuted("agreement", f"the Service has the targetPort {target}; expected: {PORT}")
    for probe in ("readinessProbe", "livenessProbe"):
        asked = part(container, probe, "httpGet")
        if asked is None:
            raise Refuted("agreement", f"a {probe} that asks /health is missing")
        port = part(asked, "port")
        if part(asked, "path") != "/health" or by_name.get(port, str(port)) != PORT:
            what = f"{probe} asks {part(asked, 'path')} on port {port}"
            raise Refuted("agreement", f"{what}; expected: /health on {PORT}")


def _check_references(container: dict[str, Any], config: Any) -> None:
    """Check that the keys of the ConfigMap that variables come from are there."""
    for each in listed(container.get("env")):
        reference = part(each, "valueFrom", "configMapKeyRef")
        if reference is None:
            continue
        is_here = part(reference, "name") == part(config, "metadata", "name")
        if not is_here or part(reference, "key") not in mapping(part(config, "data")):
            raise Refuted("agreement", f"{part(each, 'name')} comes from a key that is not there")


def judge_scaling(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check it against Kubernetes' schemas, and that it scales the Deployment."""
    manifests = documents_of(case, tools)
    if selection.has("schema"):
        expect_none("schema", tools.kubernetes(manifests))
    if not selection.has("agreement"):
        return
    scalers = [each for each in manifests if part(each, "kind") == "HorizontalPodAutoscaler"]
    if not scalers:
        raise Refuted("agreement", "a HorizontalPodAutoscaler is missing")
    spec, target = part(scalers[0], "spec"), part(scalers[0], "spec", "scaleTargetRef")
    deployed = tools.documents(_MANIFESTS).documents if _MANIFESTS in case.files else []
    names = [part(e, "metadata", "name") for e in deployed if part(e, "kind") == "Deployment"]
    if part(target, "kind") != "Deployment" or (names and part(target, "name") not in names):
        what = f"it scales {part(target, 'kind')} {part(target, 'name')}"
        raise Refuted("agreement", f"{what}; expected: Deployment {', '.join(map(str, names))}")
    least, most = part(spec, "minReplicas") or 1, part(spec, "maxReplicas")
    if least < case.brief.replicas or most <= least:
        what = f"{least} to {most} replicas; expected: from {case.brief.replicas}, and to more"
        raise Refuted("agreement", what)


def judge_ci(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check it against GitHub's schema and by zizmor, and against the files that it names."""
    document = document_of(case, tools)
    if selection.has("schema"):
        expect_none("schema", tools.schema_errors("workflow", document))
    if selection.has("zizmor"):
        arguments = ("--offline", "--no-progress", "--quiet", "--color=never", "--no-config")
        expect_success("zizmor", tools.run(program("zizmor"), *arguments, case.path))
    if not selection.has("agreement"):
        return
    steps = [step for job in mapping(document.get("jobs")).values()
             for step in listed(part(job, "steps"))]  # fmt: skip
    commands = "\n".join(str(part(step, "run") or "") for step in steps)
    for name in _FILE.findall(commands):
        if name.removeprefix("./") not in case.paths:
            raise Refuted("agreement", f"a step uses {name}: the system has no such file")
    runner = r"\bpytest\b" if case.brief.is_python else r"\b(npm (run )?test|node --test)\b"
    run = "\n".join(line for line in commands.splitlines() if " install " not in line)
    if not re.search(runner, run):
        raise Refuted("agreement", "no step runs the tests")
