"""Agreement of the manifests for Kubernetes with each other, the code and the image."""

from collections.abc import Sequence
from typing import Any

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.environment import check_variables
from flagbench.acceptance.enterprise.secret_values import SECRETS, check_secret, is_written
from flagbench.acceptance.enterprise.starting import check_listens, plain_command
from flagbench.acceptance.enterprise.tools import listed, mapping, part
from flagbench.acceptance.proof import Refuted

_KINDS = ("ConfigMap", "Deployment", "Service")
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


def check_manifests(case: ComponentCase, manifests: Sequence[Any]) -> None:
    """Check that the Deployment runs the service, and that the others fit it. Raises `Refuted`."""
    for kind in _KINDS:
        if not _of_kind(manifests, kind):
            raise Refuted("agreement", f"a {kind} is missing")
    deployments = _of_kind(manifests, "Deployment")
    deployment = next((each for each in deployments if _has_port(each)), deployments[-1])
    _check_services(manifests, deployment)
    replicas = part(deployment, "spec", "replicas") or 1
    if replicas < case.brief.replicas:
        scale = case.brief.system_design.scale
        what = f"{replicas} replicas; expected: at least {case.brief.replicas} for {scale}"
        raise Refuted("agreement", what)
    container = _container(deployment)
    _check_probes(container)
    _check_environment(case, manifests, container)
    _check_pod(deployment, container)
    for kind in ("Secret", "ConfigMap"):
        for each in _of_kind(manifests, kind):
            _check_written(each)


def namespace(manifest: Any) -> str:
    """The namespace of a manifest."""
    return str(part(manifest, "metadata", "namespace") or "default")


def _of_kind(manifests: Sequence[Any], kind: str) -> list[Any]:
    return [each for each in manifests if part(each, "kind") == kind]


def _containers(deployment: Any) -> list[dict[str, Any]]:
    containers = listed(part(deployment, "spec", "template", "spec", "containers"))
    return [mapping(each) for each in containers]


def _ports(container: dict[str, Any]) -> dict[Any, str]:
    """Ports of a container by their names."""
    ports = listed(container.get("ports"))
    return {
        part(each, "name") or str(part(each, "containerPort")): str(part(each, "containerPort"))
        for each in ports
    }


def _has_port(deployment: Any) -> bool:
    return any(PORT in _ports(each).values() for each in _containers(deployment))


def _container(deployment: Any) -> dict[str, Any]:
    """The container of the service among those of its pod; there may be others beside it."""
    containers = _containers(deployment)
    found = [each for each in containers if PORT in _ports(each).values()]
    if not found:
        ports = sorted(port for each in containers for port in _ports(each).values())
        raise Refuted("agreement", f"the container has the ports {ports}; expected: {PORT}")
    return found[0]


def _check_services(manifests: Sequence[Any], deployment: Any) -> None:
    """Check that every Service selects pods that are there, and that one leads to the service."""
    labels = mapping(part(deployment, "spec", "template", "metadata", "labels"))
    selector = part(deployment, "spec", "selector", "matchLabels")
    if not selector or not mapping(selector).items() <= labels.items():
        raise Refuted("agreement", f"the Deployment selects {selector}; its pods have {labels}")
    others = [
        mapping(part(each, "spec", "template", "metadata", "labels"))
        for each in manifests
        if part(each, "kind") in _WORKLOADS and each is not deployment
    ]
    targets = []
    for service in _of_kind(manifests, "Service"):
        if part(service, "spec", "type") == "ExternalName":
            continue
        selector = mapping(part(service, "spec", "selector"))
        if selector and selector.items() <= labels.items():
            targets += _targets(service, deployment)
        elif not selector or not any(selector.items() <= other.items() for other in others):
            raise Refuted("agreement", f"the Service selects {selector}; its pods have {labels}")
    if PORT not in targets:
        what = f"the Service has the targetPort {', '.join(targets)}" if targets else "no Service"
        raise Refuted("agreement", f"{what}; expected: {PORT}")


def _targets(service: Any, deployment: Any) -> list[str]:
    """The ports of the pods that a Service leads to."""
    if namespace(service) != namespace(deployment):
        what = f"the Service is in the namespace {namespace(service)}"
        raise Refuted("agreement", f"{what}; its pods are in {namespace(deployment)}")
    own = _container(deployment)
    further: dict[Any, str] = {}
    for each in _containers(deployment):
        further |= _ports(each) if each is not own else {}
    ports = listed(part(service, "spec", "ports"))
    if not ports:
        raise Refuted("agreement", "the Service has no port")
    targets = []
    for port in ports:
        target = part(port, "targetPort") or part(port, "port")
        number = _ports(own).get(target, further.get(target, str(target)))
        if number != PORT and number not in further.values():
            raise Refuted("agreement", f"the Service has the targetPort {target}; expected: {PORT}")
        targets.append(number)
    return targets


def _check_probes(container: dict[str, Any]) -> None:
    by_name = _ports(container)
    for probe in ("readinessProbe", "livenessProbe"):
        asked = part(container, probe, "httpGet")
        if asked is None:
            raise Refuted("agreement", f"a {probe} that asks /health is missing")
        port = part(asked, "port")
        if part(asked, "path") != "/health" or by_name.get(port, str(port)) != PORT:
            what = f"{probe} asks {part(asked, 'path')} on port {port}"
            raise Refuted("agreement", f"{what}; expected: /health on {PORT}")
        if part(asked, "scheme") not in (None, "HTTP"):
            what = f"{probe} asks by {part(asked, 'scheme')}"
            raise Refuted("agreement", f"{what}; the service answers HTTP")


def _check_environment(
    case: ComponentCase, manifests: Sequence[Any], container: dict[str, Any]
) -> None:
    """Check that the variables are set, and that their sources are there."""
    configs = {part(e, "metadata", "name"): e for e in _of_kind(manifests, "ConfigMap")}
    values = {part(each, "name"): each for each in listed(container.get("env"))}
    variables, port = set(values), part(values.get("PORT"), "value")
    for each in listed(container.get("envFrom")):
        name = part(each, "configMapRef", "name")
        if name is None:
            continue
        if name not in configs:
            raise Refuted("agreement", f"the environment is from a ConfigMap {name}, not here")
        data = mapping(part(configs[name], "data"))
        variables |= set(data)
        port = port or data.get("PORT")
    for name, each in values.items():
        check_secret(name, part(each, "value"), "the Deployment")
        reference = part(each, "valueFrom", "configMapKeyRef")
        if reference is None:
            continue
        if name in SECRETS:
            what = f"{name} is from a ConfigMap, which everybody reads; expected: secretKeyRef"
            raise Refuted("agreement", what)
        data = mapping(part(configs.get(part(reference, "name")), "data"))
        if part(reference, "key") not in data:
            raise Refuted("agreement", f"{name} comes from a key that is not there")
    check_variables(map(str, variables), case.files, "the Deployment")
    if str(port or PORT) != PORT:
        raise Refuted("agreement", f"PORT is {port}; expected: {PORT}")


def _check_pod(deployment: Any, container: dict[str, Any]) -> None:
    """Check the user, the mounts, and a command in place of the image's."""
    pod = mapping(part(deployment, "spec", "template", "spec"))
    user = part(container, "securityContext", "runAsUser")
    if user is None:
        user = part(pod, "securityContext", "runAsUser")
    if user == 0:
        raise Refuted("agreement", "runAsUser is 0: the service runs as root")
    if part(container, "securityContext", "privileged") is True:
        raise Refuted("agreement", "privileged is true: the service has the rights of the node")
    volumes = {part(each, "name") for each in listed(pod.get("volumes"))}
    for each in (*listed(pod.get("initContainers")), *listed(pod.get("containers"))):
        for mount in listed(part(each, "volumeMounts")):
            if part(mount, "name") not in volumes:
                what = f"{part(each, 'name')} mounts {part(mount, 'name')}"
                raise Refuted("agreement", f"{what}, which is none of the volumes")
    words = [*listed(container.get("command")), *listed(container.get("args"))]
    check_listens(plain_command(words), "the command of the Deployment")


def _check_written(manifest: Any) -> None:
    """Check that no manifest has a secret with its value."""
    data = {**mapping(part(manifest, "data")), **mapping(part(manifest, "stringData"))}
    kind, name = part(manifest, "kind"), part(manifest, "metadata", "name")
    if kind == "ConfigMap" and not data.keys().isdisjoint(SECRETS):
        raise Refuted("agreement", "a secret is in the ConfigMap; expected: secretKeyRef")
    written = sorted(key for key, value in data.items() if is_written(value))
    if kind == "Secret" and written:
        what = f"the Secret {name} has the value of {', '.join(written)} itself"
        raise Refuted("agreement", f"{what}; expected: a Secret that is made apart from the file")
