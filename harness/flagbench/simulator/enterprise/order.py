"""The order in a prompt about an enterprise backend: components, a brief, context, issues."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flagbench.simulator.enterprise.brief import Brief, brief_in

_KINDS = (
    (r"core/models/", "models"),
    (r"core/controllers/", "controllers"),
    (r"core/services/", "services"),
    (r"core/middleware/", "middleware"),
    (r"core/config/", "config"),
    (r"core/main\.", "main"),
    (r"security/auth/authentication\.", "auth"),
    (r"security/auth/authorization\.", "authorization"),
    (r"security/encryption/", "encryption"),
    (r"security/policies/", "policies"),
    (r"security/compliance/.+\.md$", "compliance_document"),
    (r"security/compliance/", "compliance"),
    (r"infrastructure/docker/Dockerfile$", "dockerfile"),
    (r"infrastructure/docker/.+\.ya?ml$", "compose"),
    (r"infrastructure/docker/nginx\.conf$", "load_balancing"),
    (r"infrastructure/k8s/autoscaling\.", "scaling"),
    (r"infrastructure/k8s/", "kubernetes"),
    (r"infrastructure/cicd/", "ci"),
    (r"infrastructure/scripts/", "scripts"),
    (r"docs/README\.md$", "readme"),
    (r"docs/API\.md$", "api"),
    (r"docs/DEPLOYMENT\.md$", "deployment"),
    (r"docs/ARCHITECTURE\.md$", "architecture"),
    (r"infrastructure/monitoring/", "prometheus"),
    (r"monitoring/alerts/", "alerts"),
    (r"monitoring/dashboards/", "dashboards"),
    (r"monitoring/tracing/", "tracing"),
    (r"tests/(?:conftest|helpers)\.", "fixtures"),
    (r"tests/unit/", "unit"),
    (r"tests/integration/", "integration"),
    (r"tests/performance/", "performance"),
)
KINDS = tuple(kind for _, kind in _KINDS)
"""Kinds of components."""
_COMPONENT = re.compile(r"^\s*[-*]\s+`?([\w./-]+\w)`?(?::|\s|$)", re.MULTILINE)
_WITH_ENTITIES = frozenset(
    {
        "models", "controllers", "services", "compliance", "compliance_document", "readme", "api",
        "unit", "integration", "performance",
    }
)  # fmt: skip
_WITH_COMPLIANCE = frozenset(
    {*_WITH_ENTITIES, "main", "policies", "architecture", "fixtures"} - {"performance"}
)


class _Section(Protocol):
    """A heading with its text and the content of its first fence."""

    @property
    def heading(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def code(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Order:
    """The files that a prompt asks for, by path and kind, and the material for them."""

    components: tuple[tuple[str, str], ...]
    brief: Brief
    context: str
    issues: tuple[str, ...]
    rejected: str
    prompt: str

    def job(self, parameters: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """The job of one file: the file and its facts, not its neighbours."""
        brief = self.brief
        known = [brief.name, brief.framework, brief.scale, brief.deployment]
        return {
            "parameters": dict(parameters),
            "component": kind,
            "brief": known,
            "compliance": brief.compliance if kind in _WITH_COMPLIANCE else (),
            "entities": brief.tables if kind in _WITH_ENTITIES else (),
            "material": ["".join(text.split()) for text in (self.rejected, *self.issues)],
        }

    def subject(self) -> str:
        """The whole of what is asked for, as a text: components and brief."""
        return repr((self.components, self.brief))


def order_in(sections: Sequence[_Section], prompt: str, issues: tuple[str, ...]) -> Order | None:
    """The order of a prompt's sections; None where they have no components and no brief."""
    listed = _section(sections, r"component")
    text = _section(sections, r"brief")
    brief = brief_in(text.code or text.text) if listed and text else None
    if not listed or brief is None:
        return None
    paths = _COMPONENT.findall(listed.text)
    components = tuple((path, kind) for path in paths if (kind := kind_of(path)))
    context, rejected = _section(sections, r"context"), _section(sections, r"reject")
    if not components:
        return None
    return Order(
        components=components,
        brief=brief,
        context=context.text if context else "",
        issues=issues,
        rejected=(rejected.code or rejected.text) if rejected else "",
        prompt=prompt,
    )


def kind_of(path: str) -> str:
    """The kind of the component with a path; "" for an unknown one."""
    return next((kind for pattern, kind in _KINDS if re.match(pattern, path)), "")


def _section(sections: Sequence[_Section], pattern: str) -> _Section | None:
    return next((s for s in sections if re.search(pattern, s.heading, re.I)), None)
