"""Judges of the manifests for Kubernetes and of the workflow."""

import re
from typing import Any

from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.manifests import check_manifests, namespace
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
_FILE = re.compile(r"(?<![\w$./-])((?:\./)?(?:[\w.-]+/)*[\w.-]+\.(?:txt|py|sh|ya?ml|json|js)"
                   r"|(?:\./)?(?:[\w.-]+/)*Dockerfile)(?![\w/])")  # fmt: skip

# What a command writes: reports by their options, and redirections.
_OUTPUT = re.compile(r"(?:--[\w-]*(?:report|output|xml|html|log-file)[\w-]*(?:=|\s+)(?:[\w-]+:)?"
                     r"|\s-o\s*|\d?>>?\s*|\|\s*tee\s+)([\w./\"'-]+)")  # fmt: skip
_PYTEST, _NODE_TESTS = r"\bpytest\b", r"\b(npm (run )?test|node --test)\b"
# The oldest Python that the pinned packages have.
_OLDEST = (3, 10)


def judge_kubernetes(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Check the manifests against Kubernetes' schemas, and against each other and the code."""
    manifests = documents_of(case, tools)
    if selection.has("schema"):
        expect_none("schema", tools.kubernetes(manifests))
    if selection.has("agreement"):
        check_manifests(case, manifests)


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
    for each in deployed:
        is_target = part(each, "kind") == "Deployment"
        if is_target and namespace(each) != namespace(scalers[0]):
            what = f"it is in the namespace {namespace(scalers[0])}"
            raise Refuted("agreement", f"{what}; the Deployment is in {namespace(each)}")
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
    _check_steps(case, document)


def _check_steps(case: ComponentCase, document: dict[str, Any]) -> None:
    """Check that the steps use files that are there, and that one runs the tests."""
    steps = [
        (step, mapping(job))
        for job in mapping(document.get("jobs")).values()
        for step in listed(part(job, "steps"))
    ]
    commands = "\n".join(str(part(step, "run") or "") for step, _ in steps)
    written = {each.strip("\"'") for each in _OUTPUT.findall(commands)}
    for name in _FILE.findall(_OUTPUT.sub(" ", commands)):
        if name not in written and name.removeprefix("./") not in case.paths:
            raise Refuted("agreement", f"a step uses {name}: the system has no such file")
    runner = _PYTEST if case.brief.is_python else _NODE_TESTS
    run = [
        (step, job, line)
        for step, job in steps
        for line in str(part(step, "run") or "").replace("\\\n", " ").splitlines()
        if " install " not in line and re.search(runner, line)
    ]
    if not run:
        raise Refuted("agreement", "no step runs the tests")
    reasons = [_why_not(step, job, line) for step, job, line in run]
    if all(reasons):
        raise Refuted("agreement", f"no step runs the tests: {reasons[0]}")
    if case.brief.is_python:
        for step, _ in steps:
            _check_language(part(step, "with", "python-version"))


def _why_not(step: Any, job: dict[str, Any], line: str) -> str:
    """The reason why a step of the tests decides nothing, "" for none."""
    for each in (step, job):
        if str(part(each, "if")).strip("${} ").lower() == "false":
            return "if: false"
        if part(each, "continue-on-error") is True:
            return "continue-on-error"
    left_out = re.search(r"\|\|\s*(?:true\b|:|exit 0|echo\b)|--collect-only|--co\b", line)
    return f"{line.strip()!r} cannot fail" if left_out else ""


def _check_language(version: Any) -> None:
    """Check that the packages that are pinned have releases for a version of Python."""
    for each in listed(version) or [version]:
        numbers = re.match(r"\D{0,2}(\d+)\.(\d+)", str(each))
        if numbers and (int(numbers[1]), int(numbers[2])) < _OLDEST:
            oldest = ".".join(map(str, _OLDEST))
            raise Refuted("agreement", f"python-version is {each}; expected: {oldest} or newer")
