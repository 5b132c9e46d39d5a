"""Slips: what goes wrong in a first draft, how often, and in which words an issue names it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flagbench.simulator.crud.defects import FIXED
from flagbench.simulator.crud.defects.defect import ASSUMPTION
from flagbench.simulator.enterprise.facts import Facts
from flagbench.simulator.enterprise.order import Order
from flagbench.simulator.rng import Rng

SHOWN = 0.5
"""Factor of a rate where a file of the context shows what the slip would get wrong (assumption)."""
UNSTATED = 0.6
"""Rate where nothing in the prompt states it, so that the model guesses (assumption)."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A class of errors, with its rate for each kind of component.

    `words` matches an issue in lower case that names it. `cue` matches a text that states what the
    slip would get wrong; it is "" where the rate does not depend on the prompt. `change` makes the
    facts of the file wrong; without it the text of the file knows the slip by its name.
    """

    name: str
    rates: Mapping[str, float]
    words: re.Pattern[str]
    cue: str = ""
    change: Callable[[Facts, Rng], None] | None = None
    source: str = ASSUMPTION

    def rate(self, kind: str, order: Order) -> float:
        """The chance in a file that this prompt asks for."""
        rate = self.rates[kind]
        if not self.cue:
            return rate
        if not re.search(self.cue, order.prompt):
            return max(rate, UNSTATED)
        return rate * (SHOWN if re.search(self.cue, order.context) else 1)


def _port(facts: Facts, draws: Rng) -> None:
    usual = {"Flask": 5000, "Express": 3000}.get(facts["framework"], 8080)
    facts["port"] = draws.pick("port", (usual, usual, 80))


def _metric(facts: Facts, draws: Rng) -> None:
    which, name = draws.pick(
        "metric",
        (("requests", "http_request_count"), ("requests", "app_requests_total"),
         ("duration", "http_request_latency_seconds"), ("duration", "request_duration_seconds")),
    )  # fmt: skip
    facts["metric"] = {**facts["metric"], which: name}


def _variable(facts: Facts, draws: Rng) -> None:
    which, name = draws.pick(
        "variable", (("secret", "JWT_SECRET"), ("database", "DATABASE_URL"), ("users", "USERS"))
    )
    facts["v"] = {**facts["v"], which: name}


def _prefix(facts: Facts, draws: Rng) -> None:
    facts["prefix"] = draws.pick("prefix", ("/api", "/v1"))


def _scale(facts: Facts, draws: Rng) -> None:
    fewest = draws.pick("replicas", (1, 2))
    facts["replicas"] = (fewest, fewest + 3)


def _slip(
    name: str, rates: Mapping[str, float], words: str, cue: str = "",
    change: Callable[[Facts, Rng], None] | None = None,
) -> Slip:  # fmt: skip
    return Slip(name, rates, re.compile(words), cue, change)


SLIPS: tuple[Slip, ...] = (
    # Between files.
    _slip("other_port",
          {"config": 0.01, "dockerfile": 0.03, "compose": 0.03, "kubernetes": 0.03,
           "load_balancing": 0.04, "scripts": 0.02, "prometheus": 0.04, "readme": 0.02,
           "deployment": 0.03}, r"\bport\b", "8000", _port),
    _slip("other_variable",
          {"config": 0.01, "compose": 0.04, "kubernetes": 0.04, "scripts": 0.03, "readme": 0.02,
           "deployment": 0.04, "fixtures": 0.02}, r"variable|environ", "API_USERS", _variable),
    _slip("other_metric",
          {"middleware": 0.02, "alerts": 0.06, "dashboards": 0.06},
          r"metric|http_request", "http_requests_total", _metric),
    _slip("other_prefix",
          {"controllers": 0.01, "policies": 0.02, "compliance_document": 0.03, "api": 0.03,
           "integration": 0.02, "performance": 0.02}, r"/api/v1|prefix", "/api/v1", _prefix),
    _slip("other_scale", {"kubernetes": 0.05, "scaling": 0.05}, r"replica|instances|scale",
          "replicas", _scale),
    _slip("other_module", {"services": 0.02}, r"no module|import", r"core[./]models[./]models"),
    _slip("other_entry", {"scripts": 0.03}, r"core.main|entry", r"core[./]main"),
    _slip("other_file", {"authorization": 0.02, "deployment": 0.03}, r"no such file|not a file"),
    _slip("other_folder", {"ci": 0.04}, r"tests? (?:folder|path)|pytest"),
    _slip("other_service", {"compose": 0.04}, r"service `?app|named app"),
    _slip("other_upstream", {"load_balancing": 0.05}, r"upstream|host not found"),
    _slip("other_host", {"prometheus": 0.06}, r"target"),
    _slip("other_rules", {"prometheus": 0.04}, r"rule_?files?"),
    _slip("other_job", {"alerts": 0.05}, r"\bjob\b"),
    _slip("other_label", {"kubernetes": 0.02, "alerts": 0.06}, r"label|selector"),
    _slip("other_config", {"kubernetes": 0.03}, r"configmap"),
    _slip("other_target", {"scaling": 0.04}, r"scaletargetref"),
    _slip("other_probe", {"kubernetes": 0.04}, r"probe|/health"),
    _slip("broken_link", {"readme": 0.04}, r"link"),
    _slip("path_left_out", {"api": 0.04}, r"is missing|not documented|lacks"),
    _slip("invented_path", {"api": 0.04}, r"does not (?:exist|answer)|no such path"),
    _slip("invented_variable", {"deployment": 0.05}, r"not read|unknown variable"),
    _slip("invented_folder", {"architecture": 0.06}, r"folder"),
    _slip("invented_control", {"compliance_document": 0.05}, r"control"),
    # In the application.
    _slip("email_not_unique", {"models": 0.02}, r"unique|409"),
    _slip("no_cascade", {"models": 0.03}, r"cascade"),
    _slip("unknown_target", {"models": 0.04}, r"foreign key|reference"),
    _slip("bool_is_number", {"services": 0.08}, r"bool"),
    _slip("unbounded_numbers", {"services": 0.08}, r"overflow|64 bits|too large|finite", "64 bits"),
    _slip("no_object", {"services": 0.03}, r"not an object|attributeerror"),
    _slip("conflict_as_invalid", {"services": 0.03}, r"conflict|409"),
    _slip("plaintext", {"services": 0.05}, r"encrypt|plain"),
    _slip("status_by_client", {"services": 0.06}, r"status"),
    _slip("encodes_only", {"encryption": 0.03}, r"encod|cipher"),
    _slip("unmeasured", {"main": 0.03}, r"measure|middleware"),
    _slip("invalid_as_400", {"main": 0.03}, r"422|400"),
    _slip("health_in_other_words", {"main": 0.03}, r"health"),
    _slip("address_in_metrics", {"middleware": 0.08}, r"e-?mail|address"),
    _slip("body_unchecked", {"controllers": 0.05}, r"500|typeerror|keyerror"),
    _slip("path_not_passed", {"controllers": 0.05}, r"restricted|403"),
    _slip("audit_forgotten", {"controllers": 0.04}, r"audit|record"),
    _slip("reads_unrecorded", {"controllers": 0.06}, r"reads?\b"),
    _slip("compares_plainly", {"auth": 0.1}, r"constant time|compare"),
    _slip("malformed_raises", {"auth": 0.06}, r"raise|malformed|valueerror"),
    _slip("never_expires", {"auth": 0.03}, r"expir"),
    _slip("paths_unrestricted", {"authorization": 0.04}, r"restrict|path"),
    _slip("clerk_deletes", {"policies": 0.02}, r"clerk|delete"),
    _slip("restriction_forgotten", {"policies": 0.03}, r"restrict"),
    _slip("export_forgets", {"compliance": 0.06}, r"export"),
    _slip("erases_name_only", {"compliance": 0.04}, r"eras|delete"),
    _slip("deletable_log", {"compliance": 0.05}, r"trigger|append"),
    _slip("own_approval", {"compliance": 0.04}, r"approv|creator"),
    _slip("span_lost_on_error", {"tracing": 0.1}, r"span|error"),
    # In the tests.
    _slip("wrong_assertion", {"unit": 0.08, "integration": 0.08}, r"assert|fails"),
    _slip("missing_case", {"unit": 0.05, "integration": 0.05}, r"case|mutant|broken"),
    _slip("too_strict", {"performance": 0.05}, r"second|strict"),
    _slip("log_not_created", {"fixtures": 0.06}, r"audit_log|no such table"),
    # In the infrastructure.
    _slip("latest_tag", {"dockerfile": 0.05, "compose": 0.08, "kubernetes": 0.05},
          r"latest|version|dl3007"),
    _slip("root_user", {"dockerfile": 0.06}, r"root|user"),
    _slip("pip_cache", {"dockerfile": 0.05}, r"cache|dl3042"),
    _slip("scripts_left_out", {"dockerfile": 0.04}, r"start\.sh|scripts"),
    _slip("wrong_context", {"compose": 0.06}, r"context"),
    _slip("data_lost", {"compose": 0.04}, r"volume"),
    _slip("secret_in_file", {"kubernetes": 0.04}, r"secret"),
    _slip("no_limits", {"kubernetes": 0.05}, r"limits|resources"),
    _slip("old_api", {"scaling": 0.05}, r"v2beta2|apiversion"),
    _slip("no_semicolon", {"load_balancing": 0.02}, r"semicolon|directive"),
    _slip("metrics_public", {"load_balancing": 0.06}, r"/metrics"),
    _slip("unpinned_action", {"ci": 0.05}, r"pin|unpinned",
          "11bd71901bbe5b1630ceea73d27597364c9af683"),
    _slip("wide_permissions", {"ci": 0.05}, r"permission"),
    _slip("credentials_kept", {"ci": 0.05}, r"credential|artipacked"),
    _slip("unquoted", {"scripts": 0.06}, r"quot|sc2086"),
    # In monitoring and documents.
    _slip("bad_query", {"alerts": 0.02}, r"promql|parse|query"),
    _slip("no_bucket", {"alerts": 0.04, "dashboards": 0.04}, r"_bucket|histogram"),
    _slip("no_schema_version", {"dashboards": 0.04}, r"schemaversion"),
    _slip("old_panel", {"dashboards": 0.06}, r"graph|panel"),
    _slip("fence_without_language", {"readme": 0.06, "deployment": 0.06}, r"md040|language"),
)  # fmt: skip
"""Slips of first drafts, besides those of the text itself."""


def present_in(kind: str, order: Order, draws: Rng, multiplier: float) -> Iterable[Slip]:
    """The slips of a draft; one that an issue of the prompt names stays with 1 - FIXED."""
    named = " ".join(order.issues).lower()
    for slip in SLIPS:
        if kind in slip.rates:
            rate = 1 - FIXED if named and slip.words.search(named) else slip.rate(kind, order)
            if draws.chance(slip.name, rate * multiplier):
                yield slip
