"""The components of a system: kind, path, and the files that a proof depends on."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from flagbench.scenario.brief import Brief

# All files of the application; a proof of one of them runs it.
_APPLICATION = (
    "core/*", "security/__init__.py", "security/auth/*", "security/encryption/*",
    "security/policies/*", "security/compliance/__init__.py", "security/compliance/controls.*",
    "monitoring/__init__.py", "monitoring/tracing/*", "requirements.txt", "package.json",
)  # fmt: skip
_TESTS = (*_APPLICATION, "tests/__init__.py", "tests/*/__init__.py", "tests/conftest.py",
          "tests/helpers.js")  # fmt: skip
_COMPOSE = "infrastructure/docker/docker-compose.yml"
_DOCUMENTS = ("docs/*.md", "security/compliance/COMPLIANCE.md")
_NGINX = "infrastructure/docker/nginx.conf"
_PROMETHEUS = "infrastructure/monitoring/prometheus.yml"
_ALERTS = "monitoring/alerts/alerts.yml"
_MANIFESTS = "infrastructure/k8s/deployment.yaml"


@dataclass(frozen=True, slots=True)
class Component:
    """A component of a system; `path` is a Python file's, if it is code.

    `reads` are patterns for further files that it is held against.
    """

    kind: str
    path: str
    reads: tuple[str, ...] = ()
    script_path: str = ""

    def path_in(self, brief: Brief) -> str:
        """Its path in the system of a brief."""
        if brief.is_python or not self.path.endswith(".py"):
            return self.path
        return self.script_path or self.path.removesuffix(".py") + ".js"

    def files_of(self, brief: Brief, files: Mapping[str, str]) -> dict[str, str]:
        """Its file and those that it is held against."""
        pattern = _any_of(self.path_in(brief), *self.reads)
        return {path: text for path, text in files.items() if pattern.match(path)}


@lru_cache(maxsize=256)
def _any_of(*patterns: str) -> re.Pattern[str]:
    """The pattern of a path that matches any of these."""
    return re.compile("|".join(map(translate, patterns)))


COMPONENTS: Mapping[str, Component] = {
    each.kind: each
    for each in (
        Component("models", "core/models/models.py", _APPLICATION),
        Component("controllers", "core/controllers/routes.py", _APPLICATION),
        Component("services", "core/services/services.py", _APPLICATION),
        Component("middleware", "core/middleware/middleware.py", _APPLICATION),
        Component("config", "core/config/settings.py", _APPLICATION),
        Component("main", "core/main.py", _APPLICATION),
        Component("auth", "security/auth/authentication.py", _APPLICATION),
        Component("authorization", "security/auth/authorization.py", _APPLICATION),
        Component("encryption", "security/encryption/encryption.py", _APPLICATION),
        Component("policies", "security/policies/policies.yaml"),
        Component("compliance", "security/compliance/controls.py", _APPLICATION),
        Component("compliance_document", "security/compliance/COMPLIANCE.md"),
        Component("dockerfile", "infrastructure/docker/Dockerfile"),
        Component("compose", _COMPOSE, (*_APPLICATION, _NGINX)),
        Component("kubernetes", _MANIFESTS, _APPLICATION),
        Component("scaling", "infrastructure/k8s/autoscaling.yaml", (_MANIFESTS,)),
        Component("load_balancing", _NGINX, (_COMPOSE,)),
        Component("ci", "infrastructure/cicd/ci.yml"),
        Component("scripts", "infrastructure/scripts/start.sh"),
        Component("readme", "docs/README.md", _DOCUMENTS),
        Component("api", "docs/API.md", _DOCUMENTS),
        Component("deployment", "docs/DEPLOYMENT.md", (*_APPLICATION, *_DOCUMENTS)),
        Component("architecture", "docs/ARCHITECTURE.md", _DOCUMENTS),
        Component("prometheus", _PROMETHEUS, (_COMPOSE, _ALERTS)),
        Component("alerts", _ALERTS, (*_APPLICATION, _PROMETHEUS)),
        Component(
            "dashboards",
            "monitoring/dashboards/dashboard.json",
            (*_APPLICATION, _PROMETHEUS, _ALERTS),
        ),
        Component("tracing", "monitoring/tracing/tracing.py", _APPLICATION),
        Component("fixtures", "tests/conftest.py", _TESTS, "tests/helpers.js"),
        Component("unit", "tests/unit/test_services.py", _TESTS, "tests/unit/services.test.js"),
        Component(
            "integration", "tests/integration/test_api.py", _TESTS, "tests/integration/api.test.js"
        ),
        Component(
            "performance",
            "tests/performance/test_load.py",
            _TESTS,
            "tests/performance/load.test.js",
        ),
    )
}


def components_of(brief: Brief) -> tuple[Component, ...]:
    """The components that the system of a brief has."""
    left_out = set[str]()
    if not brief.compliance:
        left_out |= {"compliance", "compliance_document"}
    if brief.system_design.deployment != "kubernetes":
        left_out |= {"kubernetes", "scaling"}
    return tuple(each for kind, each in COMPONENTS.items() if kind not in left_out)


def names(values: Iterable[str]) -> str:
    """Names in a sentence, "none" for none."""
    return ", ".join(sorted(values)) or "none"
