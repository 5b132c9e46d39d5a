"""All checks of an application, made once for all of its files; findings by file."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import get_args

from flagbench.acceptance.enterprise import (
    compliance,
    contract,
    deployment,
    interfaces,
    numbers,
    other_paths,
    telemetry,
)
from flagbench.acceptance.enterprise.api import Api
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.probe_client import Service
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import SANDBOX_CHECK, TIME_CHECK, Refuted
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised, TimedOut
from flagbench.scenario.brief import Brief
from flagbench.scenario.definitions import AUDITS, Control

# Checks of the functions of a component, by its kind: they are called without a server.
INTERFACES = ("config", "services", "auth", "authorization", "middleware", "compliance")
# Checks in their order: the name, what it needs, and for which controls it is made; () for all.
_CHECKS: Sequence[tuple[str, Callable[[Api], None], tuple[str, ...], tuple[Control, ...]]] = (
    ("cipher", interfaces.check_cipher, (), ()),
    ("span", interfaces.check_span, (), ()),
    ("functions", interfaces.begin, (), ()),
    ("config", interfaces.check_config, ("functions",), ()),
    ("services", interfaces.check_services, ("functions",), ()),
    ("auth", interfaces.check_auth, ("functions",), ()),
    ("authorization", interfaces.check_authorization, ("functions",), ()),
    ("middleware", interfaces.check_middleware, ("functions",), ()),
    ("compliance", interfaces.check_controls, ("functions",), get_args(Control)),
    ("boot", Api.boot, (), ()),
    ("health", contract.check_health, ("boot",), ()),
    ("metrics", telemetry.check_metrics, ("boot",), ()),
    ("openapi", telemetry.check_openapi, ("boot",), ()),
    ("token", contract.check_token, ("boot",), ()),
    ("unauthenticated", contract.check_unauthenticated, ("token",), ()),
    ("tables", deployment.check_tables, ("boot",), ()),
    ("constraints", deployment.check_constraints, ("tables",), ()),
    ("create", contract.check_create, ("token",), ()),
    ("list", contract.check_list, ("create",), ()),
    ("retrieve", contract.check_retrieve, ("create",), ()),
    ("update", contract.check_update, ("create", "retrieve"), ()),
    ("delete", contract.check_delete, ("create", "retrieve"), ()),
    ("validation", contract.check_validation, ("create", "list", "retrieve"), ()),
    ("numbers", numbers.check_numbers, ("create", "list"), ()),
    ("conflict", contract.check_conflict, ("create",), ()),
    ("references", contract.check_references, ("create",), ()),
    ("roles", contract.check_roles, ("create", "retrieve"), ()),
    ("at-rest", deployment.check_at_rest, ("create", "tables"), ("encryption",)),
    ("other-paths", other_paths.check_other_paths, ("create",), ()),
    ("export", compliance.check_export, ("create",), ("export",)),
    ("erasure", compliance.check_erasure, ("create", "tables"), ("erasure",)),
    ("audit", compliance.check_audit, ("retrieve", "update", "delete"), AUDITS),
    ("append-only", compliance.check_append_only, ("create",), ("append_only",)),
    ("four-eyes", compliance.check_four_eyes, ("create", "retrieve"), ("four_eyes",)),
    ("series", telemetry.note_series, ("metrics",), ()),
    ("restart", deployment.check_restart, ("list",), ()),
    ("expiry", deployment.check_expiry, ("token",), ()),
    ("secret", deployment.check_secret, ("token",), ()),
)  # fmt: skip
# The names of the findings of a run, where it has others than its own.
PARTS: Mapping[str, tuple[str, ...]] = {
    "constraints": ("tables",),
    "restart": ("environment", "persistence", "signature"),
    "export": ("export", "restricted"),
    "audit": ("audit", "restricted"),
    "erasure": ("erasure", "privacy-of-metrics", "restricted"),
    "functions": ("interface",),
    **dict.fromkeys(INTERFACES, ("interface",)),
}
RUNS: Mapping[str, Callable[[Api], None]] = {name: check for name, check, _, _ in _CHECKS}
_NEEDS = {name: needs for name, _, needs, _ in _CHECKS}
# The kinds whose functions a run calls, where it has not their name.
_OWNERS = {"cipher": "encryption", "span": "tracing", "boot": "main"}
_KEPT = 16


@dataclass(slots=True)
class Findings:
    """Findings about an application by run, in order, and the runs that passed.

    `series` are those of its metrics, each with its labels.
    """

    failed: dict[str, Refuted] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    series: Mapping[str, set[str]] = field(default_factory=dict)

    def about(self, path: str, needed: Sequence[str]) -> list[Refuted]:
        """Findings that refute a file: about it, or those that kept its checks from being made."""
        own = [finding for finding in self.failed.values() if finding.path == path]
        return own or [self._cause(run) for run in needed if run not in self.passed]

    def _cause(self, run: str) -> Refuted:
        """The finding because of which a run did not pass."""
        if run in self.failed:
            return self.failed[run]
        for need in _NEEDS[run]:
            if need not in self.passed:
                return self._cause(need)
        return list(self.failed.values())[-1]  # the one that ended all checks


_findings: OrderedDict[bytes, Findings] = OrderedDict()


def findings_of(case: ComponentCase, probe: ProbeClient) -> Findings:
    """The findings about the application of a file; those of the last few are remembered.

    For a file alone, the first finding about it ends the checks: such findings are those of this
    file.
    """
    files = case.files
    text = "\0".join(f"{name}\0{files[name]}" for name in sorted(files))
    key = sha256(
        f"{case.brief.model_dump_json()}\0{text}".encode("utf-8", "surrogatepass")
    ).digest()
    own_key = key + case.path.encode("utf-8", "surrogatepass")
    known = _findings.get(key) or (_findings.get(own_key) if case.is_alone else None)
    if known is not None:
        return known
    last = case.path if case.is_alone else None
    findings = _check(case.brief, files, probe, last)
    failed = findings.failed.values()
    if not any(finding.check == TIME_CHECK for finding in failed):
        is_partial = any(finding.path == last for finding in failed)
        _findings[own_key if is_partial else key] = findings
        while len(_findings) > _KEPT:
            _findings.popitem(last=False)
    return findings


def _check(
    brief: Brief, files: Mapping[str, str], probe: ProbeClient, last: str | None
) -> Findings:
    """Make the checks up to the first finding about the file `last`, or all."""
    api, findings = Api(Service(probe, brief), brief, files), Findings()
    findings.series = api.series
    findings.passed |= {
        name for name, _, _, controls in _CHECKS if controls and brief.controls.isdisjoint(controls)
    }
    if not brief.is_python:  # the names of its functions are its own
        findings.passed |= {"functions", *INTERFACES}
    paths = {each.path: each.path_in(brief) for each in COMPONENTS.values()}
    for name, check, needs, _ in _CHECKS:
        if name not in findings.passed and findings.passed.issuperset(needs):
            try:
                check(api)
            except Refuted as error:
                path = paths.get(error.path, error.path)
                finding = Refuted(error.check, error.message, path)
                findings.failed[name] = finding
                if finding.path == last:
                    break
            except (Misbehaved, Raised) as error:
                # Nobody answers any more.
                kind = TIME_CHECK if isinstance(error, TimedOut) else SANDBOX_CHECK
                owner = COMPONENTS.get(_OWNERS.get(name, name))
                where = owner.path_in(brief) if owner is not None else ""
                findings.failed[name] = Refuted(kind, f"{name}: the service {error}", where)
                break
            else:
                findings.passed.add(name)
                api.sound |= {name} & set(INTERFACES)
    return findings
